/** What is counted and timed. Floor 0. */
package io.tidings.metrics;
