/**
 * The ordered log of events, with resume and deduplication, and its storage. Floor 2.
 *
 * <pre>
 *  EventLog         the operations of every log
 *    EventCodec       the binary encoding of an event
 *    ResumeResolver   where a stream begins, by the log's ResumeLookups
 *    DedupIndex       duplicates of earlier publications, by the log's PublishedEntries
 *      DedupNames       what is compared: keys and ids, within the publisher's scope
 *    Window           the newest entries in memory: EntryRing, and indexes by topic, id and key
 *    StandaloneLog    the log of a single node
 *      Committer        the thread that appends the publications of a CommitQueue, as CommitGroups
 *      LogHealth        whether it can be written, and why not
 *      LocalLog         the log of one process; its caller decides offsets, times, deduplication
 *        LocalReads       resume lookups and pages
 *        Journal          the storage: a directory ({@code log.disk}), or nothing
 *  ExpiringRecords  what is kept beside the entries until a time of its own: RecordTable, RecordFeed
 *  Peers            requests between the nodes that share a log
 *    LocalRecords     those of a single node, in a RecordStorage
 *  log.redis        a log that several hubs share
 * </pre>
 */
package io.tidings.log;
