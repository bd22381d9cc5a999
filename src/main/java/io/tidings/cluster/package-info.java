/**
 * Several hubs as one: how they find each other, and what they share. Floor 4.
 *
 * <pre>
 *  Cluster         this node and the others, by Hazelcast: ClusterConfig
 *    Membership      the members: their names and duties, who leads
 *    Quorum          whether enough hubs are connected: Electorate, exchanged between nodes
 *    Reunion         how separated parts of the cluster join again
 *    PauseDetector   whether this process was suspended
 *    SharedCheckpoints  the checkpoints of relays, for all nodes
 *  NodeHeartbeats  what every node reports of itself
 *  RingStore       the records of the shared log, in the nodes' memory
 *    RingNotice      how nodes announce them    Waiters   calls that wait for earlier records
 *    Answering       whether the ring answers
 *  Guest           how other applications join
 * </pre>
 */
package io.tidings.cluster;
