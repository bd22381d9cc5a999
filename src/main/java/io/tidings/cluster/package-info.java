/**
 * Many hubs as one: how they find each other, and what they share. Floor 4.
 *
 * <pre>
 *  Cluster      this node and the others, by Hazelcast: ClusterConfig
 *    Electorate   whether enough of them hear each other
 *    Reunion      how parts that could not hear each other come together again
 *    Attention    whether this process was held up
 *  Census       what the nodes tell of themselves
 *  RingStore    the records of the shared log, in the nodes' memory
 *    RingNotice   how nodes tell each other of them          Waiters   who wait for what was written before
 *    Answering    whether the ring answers
 *  RedisStore   the same, in a RedisStream
 *  Guest        how other applications take part
 * </pre>
 */
package io.tidings.cluster;
