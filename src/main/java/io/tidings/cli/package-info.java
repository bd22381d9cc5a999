/**
 * The command line: the options of the process, and the commands that run without a hub. Floor 6.
 */
package io.tidings.cli;
