/**
 * The figures of the last minutes, which the dashboard shows: in memory, beside the log. Floor 4.
 *
 * <pre>
 *  StatsVerticle   takes the figures of all nodes once a second: Stats, Busiest
 *    StatsFeed       has them, and tells who follows
 *      StatsHistory    a ring of moments
 * </pre>
 */
package io.tidings.dashboard;
