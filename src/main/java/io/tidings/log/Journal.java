package io.tidings.log;

import io.vertx.core.Future;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The storage of a {@link LocalLog} behind its window: the segments of a directory, or nothing. One
 * thread calls {@link #append}, {@link #rollBack}, {@link #probe}, {@link #applyRetention}, {@link
 * #expireNewest} and {@link #close}; any thread reads, and calls {@link #force}.
 */
public interface Journal {
  /**
   * Writes records and makes them as durable as configured.
   *
   * @param records at least one, in the order of their offsets, which are greater than all before
   * @throws IOException if it failed. Readers do not see the records, but they may be on the disk:
   *     the caller must call {@link #rollBack}, until it succeeds, before it appends again
   */
  void append(List<LogRecord> records) throws IOException;

  /**
   * After a failed append: guarantees that none of its records is ever read, also not after a
   * restart. Its offsets must not be used again.
   *
   * @param next the lowest offset that was never assigned
   * @throws IOException if it failed; then the outcome of the append is unknown
   */
  void rollBack(long next) throws IOException;

  /**
   * Tests whether records can be written again.
   *
   * @param next the lowest offset that was never assigned
   * @throws IOException if they can't
   */
  void probe(long next) throws IOException;

  /**
   * Forces the records that were appended before the call to the disk, whatever is configured. Any
   * thread; the thread that appends does not wait for it, unless it forces records itself.
   *
   * @throws IOException if that failed, or an earlier force did: the state of the files on the disk
   *     is unknown then, so every later call fails too
   */
  void force() throws IOException;

  /**
   * The reason why the last acknowledged records may not be on the disk; reported once, empty if
   * they are. The journal appends no more records behind them.
   */
  Optional<IOException> forceFailure();

  /**
   * Replaces the retention, from the next call of {@link #applyRetention} on; without effect on a
   * journal that stores nothing.
   */
  default void keep(Retention retention) {}

  /**
   * Removes the records that exceed the retention, except for the newest ones, to which records may
   * still be appended.
   *
   * @param now in milliseconds since 1970
   */
  void applyRetention(long now) throws IOException;

  /**
   * If all records exceed the age of the retention, makes {@link #applyRetention} remove the newest
   * ones too. Called while nothing is appended.
   *
   * @param now in milliseconds since 1970
   * @param next the lowest offset that was never assigned
   */
  void expireNewest(long now, long next) throws IOException;

  /** What the journal contains; empty if it stores nothing, and the window has all entries. */
  Optional<Extent> extent();

  /**
   * Runs a query on a thread of the journal; fails with {@link LogUnavailable} if it can't read.
   */
  <T> Future<T> read(Query<T> query);

  /**
   * Runs a query on the calling thread, which waits for the disk.
   *
   * @throws IOException if the journal can't be read
   */
  <T> T readBlocking(Query<T> query) throws IOException;

  /** The size of the records; empty if the journal stores nothing. */
  Optional<LogSize> size();

  /**
   * Closes the journal after everything written was forced to the disk.
   *
   * @param next the lowest offset that was never assigned
   */
  void close(long next) throws IOException;

  /** A query to the journal. */
  interface Query<T> {
    T answer(JournalReader reader) throws IOException;
  }

  /**
   * What a journal contained at one moment.
   *
   * @param start the offset before its oldest record
   * @param evictedTime the time of the newest record that was removed by retention, in milliseconds
   *     since 1970; {@link Long#MIN_VALUE} for none
   * @param gaps the places where offsets are not consecutive, in order
   */
  record Extent(long start, long evictedTime, List<SequenceGap> gaps) {}
}
