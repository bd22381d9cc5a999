/**
 * A log that several hubs share. Each hub appends its records to a {@link
 * io.tidings.log.redis.RecordStore} and reads all records back in the store's order, which is the
 * order of the log. Floor 2.
 *
 * <pre>
 *  SharedLog       the EventLog: appends, applies what the store delivers, reloads after a loss
 *    RecordStore     the store: RedisStore, which sends its commands through RedisStream
 *                    expiring records: RedisRecords, SharedRecords
 *    RedisHubs       the hubs that share it, and requests between them
 *    SharedRecord    one event of a publication, in bytes
 *    StoreWriter     writes to the store and probes it: PendingAppends, PendingAppend, Answers
 *    SharedHistory   what was read, and the verdict on the next record: DedupWindow
 *    SharedLoader    reads the whole store at the start and after a loss: Reload retries it
 *    SharedReads     resolves positions, reads pages from memory or through SharedReader
 *    EpochHistory    up to which offset two epochs of the log are the same
 *    StoreHealth     whether the store accepts records and delivers them
 * </pre>
 */
package io.tidings.log.redis;
