/**
 * The budget of memory: who may take how much of the heap and of direct memory. Floor 0.
 *
 * <p>Who is past its share gives way in this order: pages for those behind shrink, down to {@link
 * io.tidings.memory.MemoryShare#free}; an audience goes on from the log; publishing waits, and then
 * is refused; new streams are refused.
 */
package io.tidings.memory;
