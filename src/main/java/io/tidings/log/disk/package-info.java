/**
 * The journal of a local log in the files of a directory. Floor 2.
 *
 * <pre>
 *  DiskLog          opens a directory: Recovery, then LocalLog and StandaloneLog
 *  DiskJournal      writes and forgets; what failed, it makes sure never counts
 *    Segments         the files, the oldest first; Rolling says when the next begins
 *      Segment          a file: SegmentFormat, RecordEncoder, SegmentReader, SegmentScan
 *        SegmentIndex     GrowingIndex while it is written, StoredIndex afterwards (IndexWriter)
 *    DiskReader       one answer from segments
 *    BackgroundTasks  indexes, deleting, forcing
 *    Reserved         offsets are never used twice       CommitMark  how far readers may go
 *  LogFiles         a directory without a hub; LogCopy backs it up, Migration brings it to format 2
 *  Directory        all that is asked of a disk: the seam at which tests inject faults
 * </pre>
 */
package io.tidings.log.disk;
