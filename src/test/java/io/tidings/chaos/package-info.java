/**
 * The cluster under faults, judged by what its clients saw. {@link io.tidings.chaos.Publisher}s and
 * {@link io.tidings.chaos.Reader}s write a {@link io.tidings.chaos.History}; a {@link
 * io.tidings.chaos.Schedule} of {@link io.tidings.chaos.Fault}s, made from a seed, is applied to a
 * {@link io.tidings.chaos.Cluster} of processes, each with a network and a disk of its own; and
 * {@link io.tidings.chaos.HistoryChecker} judges the history, and knows nothing else.
 *
 * <p>Some readers have rights that change: a {@link io.tidings.chaos.RightsReader} follows topics
 * with tokens and tickets, a {@link io.tidings.chaos.StreamRenewer} renews its streams, and a
 * {@link io.tidings.chaos.Revoker} revokes tokens of all clients. What they saw is in {@link
 * io.tidings.chaos.RightsHistory}, and judged by {@link io.tidings.chaos.RightsChecker}.
 *
 * <p>The voters change: {@link io.tidings.chaos.Membership} starts spare nodes, has {@link
 * io.tidings.chaos.VoterAdmin} ask for changes, and ends those that were removed; clients use the
 * {@link io.tidings.chaos.Members}. What was answered, and what each node said of term, leader and
 * voters, is in {@link io.tidings.chaos.VotersHistory}, and judged by {@link
 * io.tidings.chaos.VotersChecker}.
 */
package io.tidings.chaos;
