/**
 * The log of a cluster, replicated by Raft: what every node computes from the same commands.
 *
 * <p>A {@link io.tidings.log.raft.Command} has the publications that are committed together and the
 * leader's time; {@link io.tidings.log.raft.ReplicatedState} assigns offsets and times and
 * recognises repetitions by a {@link io.tidings.log.raft.DedupTable}. Nothing here reads a clock, a
 * setting of one node, the disk or the retention: two nodes that apply the same commands have equal
 * state, byte for byte.
 */
package io.tidings.log.raft;
