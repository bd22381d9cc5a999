/**
 * The log of a cluster, replicated by Raft: what every node computes from the same commands.
 *
 * <p>A {@link io.tidings.log.raft.Command} has the publications that are committed together and the
 * leader's time; {@link io.tidings.log.raft.ReplicatedState} assigns offsets and times and
 * recognises repetitions by a {@link io.tidings.log.raft.DedupTable}; {@link
 * io.tidings.log.raft.CommandApplier} writes the records to the node's own log. The state depends
 * on no clock, setting of one node, disk or retention: two nodes that apply the same commands have
 * equal state, byte for byte.
 */
package io.tidings.log.raft;
