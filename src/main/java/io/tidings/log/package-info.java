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
 *    SharedLog  hubs that share a RecordStore, and read back what each of them wrote
 *      SharedHistory  what was read, and how all decide about the next: a Window, and what was Recent
 *      Outgoing       what this hub gives to the store, until it is read back
 *      SharedReader   what is in the store and not in memory
 *      Branches       where the store was replaced, and up to where it is the same
 *  LogFiles     a directory's files, looked at without a hub
 * </pre>
 */
package io.tidings.log;
