/**
 * A log that several hubs share. Each hub appends its records to a {@link
 * io.tidings.log.redis.RecordStore}, and each reads all records back, in the store's order, which
 * is the log's. Floor 2.
 *
 * <pre>
 *  SharedLog       appends, follows the store, reloads after a loss
 *    RecordStore     the store: RedisStore, which uses RedisStream for each command
 *    SharedRecord    one publication, or a part of a large one, in bytes
 *    PendingAppends  what this hub gave to the store and has not read back yet
 *    SharedHistory   what was read, and what every hub decides about the next record: DedupWindow
 *    SharedLoader    reads the whole store at the start and after a loss
 *    SharedReads     positions, and what comes after them: in memory, else by SharedReader
 *    EpochHistory    where the store was replaced, and up to which offset it is the same
 *    StoreHealth     whether the store takes records
 * </pre>
 */
package io.tidings.log.redis;
