/**
 * The memory budget: the bounds of heap and direct memory for each use. Floor 0.
 *
 * <pre>
 *  MemoryBudget      all shares, and what is still accepted
 *    MemoryShare       the bytes reserved for one use: chunks, pages, reads, bodies, queues
 *    DeliveryBacklog   the bytes of batches that some event loop has not received
 *    HeapMonitor       whether the heap is nearly full after a garbage collection
 *  MinuteLimiter     limits log lines to one a minute
 * </pre>
 *
 * <p>When memory runs short, in this order: pages of subscribers that catch up shrink to {@link
 * io.tidings.memory.MemoryShare#free}; an audience falls behind and reads from the log;
 * publications wait and are then refused; new streams are refused.
 */
package io.tidings.memory;
