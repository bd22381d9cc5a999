/**
 * The one order that all see, and the memory of it. Floor 2.
 *
 * <pre>
 *  EventLog     what every log does
 *    MemoryLog  the newest entries: a Window
 *    DiskLog    a Window, and segments in a directory
 *      DiskWriter   the thread that writes, by WriteGroups     Repeats   what was published before
 *      DiskStore    what there is: Window, Segments, Breaks    Reserved  offsets are never used twice
 *      DiskReader   one answer from segments                   Recovery  brings them into order at the start
 *      Segment      a file: SegmentFormat, SegmentReader       Chores    indexes, deleting, forcing
 *        SegmentIndex   GrowingIndex while it is written, StoredIndex afterwards
 *  LogFiles     the same files, looked at without a hub
 * </pre>
 */
package io.tidings.log;
