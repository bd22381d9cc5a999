/**
 * The journal of a local log in the files of a directory. Floor 2.
 *
 * <pre>
 *  DiskLog            opens a directory: Recovery (with SegmentRepair), then LocalLog, StandaloneLog
 *    ReplicaDirectory   prepares the directory of a copy of the replicated log
 *  DiskJournal        appends, rolls failed appends back, rolls segments, applies retention
 *    Segments           the list of segments; SegmentRollPolicy decides when the next one begins
 *      Segment            SegmentFile, SegmentContents and IndexLifecycle of one range of records
 *        SegmentFormat      the bytes of a segment: RecordEncoder, SegmentReader, SegmentScan
 *        SegmentIndex       GrowingIndex in memory, IndexFile once sealed (IndexWriter, IndexLayout)
 *    UnforcedRecords    what is not on the disk yet
 *    DiskReads          runs queries: DiskReader answers one, SegmentPageReader and ScanPageBuilder
 *                       read its page
 *    BackgroundTasks    writes indexes, deletes segments, reserves offsets, forces
 *    ReservationFile    ensures that a single node uses no offset twice
 *    RecordFile         expiring records
 *    CommitMark         the limit for readers in other processes
 *  LogFiles           a directory without a hub; LogCopy backs it up, Migration upgrades format 1
 *  Directory          every disk operation of the log; tests inject faults here
 * </pre>
 */
package io.tidings.log.disk;
