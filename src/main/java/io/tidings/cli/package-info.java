/**
 * The command line: the options of the process, and the commands that run without a hub. Floor 7.
 *
 * <pre>
 *  CommandLine   the options, as settings
 *  ClusterCommand  {@code cluster}: shows a cluster and changes its voters; ClusterOptions
 *  LogCommand    {@code log}: prints, checks, backs up and imports; LogOptions, LogImport
 * </pre>
 */
package io.tidings.cli;
