/**
 * The memory budget: the bounds of what each use may take of heap and direct memory. Floor 0.
 *
 * <p>When memory runs short, in this order: pages of subscribers that catch up shrink to {@link
 * io.tidings.memory.MemoryShare#free}; an audience falls behind and reads from the log;
 * publications wait and are then refused; new streams are refused.
 */
package io.tidings.memory;
