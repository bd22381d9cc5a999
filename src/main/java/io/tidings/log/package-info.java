/**
 * The one order of events that every subscriber sees, and its memory. Floor 2.
 *
 * <pre>
 *  EventLog       what every log does
 *    EventCodec     an event in bytes: in the journal's records and in a SharedRecord
 *    ResumeResolver where a stream begins, by the log's ResumeLookups
 *    StandaloneLog  the log of a single node
 *      Committer      the thread that appends, by CommitGroups: offsets, times, DedupIndex
 *      LogHealth      whether it can be written, and why not
 *      LocalLog       the log of one process; its caller decides what is appended
 *        LocalPlaces    positions in it, and what comes after them
 *        Window         the newest entries
 *        Journal        everything: a directory ({@code log.disk}), or nothing
 *    SharedLog      hubs that share a RecordStore, and read back what each of them wrote
 *      SharedHistory  what was read, and how all decide about the next: a Window, and what was Recent
 *      Outgoing       what this hub gives to the store, until it is read back
 *      SharedPlaces   positions in it, and what comes after them
 *      SharedReader   what is in the store and not in memory
 *      SharedRecord   a publication in the store
 *      Branches       where the store was replaced, and up to where it is the same
 * </pre>
 */
package io.tidings.log;
