/**
 * The log of a cluster, replicated by Raft: what every node computes from the same commands.
 *
 * <p>A {@link io.tidings.log.raft.Command} has the publications that are committed together and the
 * leader's time; {@link io.tidings.log.raft.ReplicatedState} assigns offsets and times and
 * recognises repetitions by a {@link io.tidings.log.raft.DedupTable}, and has the expiring records,
 * which are stored through {@code RaftRecords}; {@link io.tidings.log.raft.CommandApplier} writes
 * the records to the node's own log. The state depends on no clock, setting of one node, disk or
 * retention: two nodes that apply the same commands have equal state, byte for byte.
 *
 * <p>What all nodes must have in common is in the state too: {@link
 * io.tidings.log.raft.SettingsInForce} is what a node has applied of it, {@code SettingsChange}
 * changes it. A command of a kind that not all versions know is written by way of {@code KindGate}.
 *
 * <p>{@link io.tidings.log.raft.RaftLog} is the log of a node: its {@code Proposer} sends commands
 * to the leader, its {@code RaftStateMachine} receives what was committed, and its {@code Replica}
 * has the state and the node's own log. An {@code EngineSupervisor} starts the engine, and again
 * when it ends: what belongs to one run is an {@code EngineRun}, what is done many times a second
 * {@code EngineTicks}. Who votes is in the Raft log, and {@code CurrentVoters} follows it; {@code
 * VoterChanges} changes it, on the leader, and {@code EdgeChanges} who follows without a vote;
 * {@code StartCheck} asks the others whether this node may take part with what is in its directory.
 * A node that lacks more than the others' Raft logs have fetches files ({@code NodeFetch}). {@link
 * io.tidings.log.raft.ClusterBase} begins a cluster with a single node's log, {@link
 * io.tidings.log.raft.ClusterRecovery} with what one node of a lost cluster has; {@code
 * GenerationCheck} keeps the nodes of that cluster apart.
 */
package io.tidings.log.raft;
