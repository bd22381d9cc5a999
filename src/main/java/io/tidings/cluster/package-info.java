/**
 * Several processes as one: which of them does what only one may do, what each reports of itself,
 * and the event bus that they share. Floor 4.
 *
 * <pre>
 *  NodeRequests  requests from node to node, by their first word
 *  AllNodes      one question to all nodes, and their answers
 *  NodeReports   the last report of each of the nodes, voters and edges ({@link
 *                io.tidings.log.raft.Voters})
 *  VoterList     the voters, the edges and how far they are, for /cluster
 *  ReplicatedCheckpoints   the checkpoints of relays
 *  HazelcastBus  the event bus that several processes share: HazelcastConfig, BusAddress, BusMember
 *    Guest         how other applications join it
 *  Duties        what one process does for all
 * </pre>
 */
package io.tidings.cluster;
