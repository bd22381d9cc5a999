/** Counters, gauges and timers for Prometheus, and the rates derived from them. Floor 0. */
package io.tidings.metrics;
