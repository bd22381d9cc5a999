/**
 * The cluster under faults, judged by what its clients saw. {@link io.tidings.chaos.Publisher}s and
 * {@link io.tidings.chaos.Reader}s write a {@link io.tidings.chaos.History}; a {@link
 * io.tidings.chaos.Schedule} of {@link io.tidings.chaos.Fault}s, made from a seed, is applied to a
 * {@link io.tidings.chaos.Cluster} of processes, each with a network and a disk of its own; and
 * {@link io.tidings.chaos.HistoryChecker} judges the history, and knows nothing else.
 */
package io.tidings.chaos;
