/**
 * The statistics of the last 30 minutes, which the dashboard shows: in memory, not in the log.
 * Floor 4.
 *
 * <pre>
 *  StatsVerticle   samples all nodes once a second: ClusterStats, TopTopics
 *    StatsFeed       the newest statistics and the history, and its followers
 *      StatsHistory    a ring of StatsSamples
 * </pre>
 */
package io.tidings.dashboard;
