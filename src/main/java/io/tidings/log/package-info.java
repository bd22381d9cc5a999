/**
 * The one order of events that every subscriber sees, and its storage. Floor 2.
 *
 * <pre>
 *  EventLog         what every log does
 *    EventCodec       an event in bytes
 *    ResumeResolver   where a stream begins, by the log's ResumeLookups
 *    DedupIndex       what was published before, by the log's PublishedEntries
 *    Window           the newest entries, in memory
 *    StandaloneLog    the log of a single node
 *      Committer        the thread that appends, by CommitGroups: offsets, times, deduplication
 *      LogHealth        whether it can be written, and why not
 *      LocalLog         the log of one process; its caller decides what is appended
 *        LocalReads       positions in it, and what comes after them
 *        Journal          everything: a directory ({@code log.disk}), or nothing
 *  log.redis        a log that several hubs share
 * </pre>
 */
package io.tidings.log;
