/**
 * Many hubs as one: how they find each other, and what they share. Floor 4.
 *
 * <pre>
 *  Cluster      this node and the others, by Hazelcast
 *  Electorate   whether enough of them hear each other
 *  RingStore    the records of the shared log, in the nodes' memory
 * </pre>
 */
package io.tidings.cluster;
