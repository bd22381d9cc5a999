/**
 * Counters, gauges and timers for Prometheus, and the rates derived from them. Floor 0.
 *
 * <pre>
 *  Metrics       the metrics of a hub, in the registry of Meters
 *    LoopMetrics   the counts of one event loop
 *    LogMetrics    the metrics of a log
 *    RequestMetrics  requests by Door and Outcome, by Refusal
 *  OpenFiles     the files that the process has open
 *  RateMeter     rates and percentiles between two samples
 * </pre>
 */
package io.tidings.metrics;
