package io.tidings.log;

import io.vertx.core.Future;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * What a {@link LocalLog} keeps beyond its window: the segments of a directory, or nothing. One
 * thread writes: {@link #append}, {@link #settle}, {@link #probe}, {@link #forget} and {@link
 * #close}; any thread reads.
 */
public interface Journal {
  /**
   * Writes records, and makes them as durable as configured.
   *
   * @param records in the order of their offsets, which are greater than all before; at least one
   * @throws IOException where that failed. Readers don't see the records then, but they may be on
   *     the disk: before anything else, and until it succeeds, the caller calls {@link #settle}
   */
  void append(List<LogRecord> records) throws IOException;

  /**
   * After a failed append: sees to it that none of its records can ever be read, not in a later
   * life either. Its offsets must not be given again.
   *
   * @param next the lowest offset that was never given
   * @throws IOException where that failed too; nobody knows then
   */
  void settle(long next) throws IOException;

  /**
   * Tries whether records can be written again.
   *
   * @param next the lowest offset that was never given
   */
  void probe(long next) throws IOException;

  /**
   * The reason why the last records that were acknowledged may not be on the disk, once; nothing
   * where there is none. No more records are written behind them.
   */
  Optional<IOException> forceFailure();

  /**
   * Forgets what is older or more than is to be kept.
   *
   * @param now in milliseconds since 1970
   * @param idle whether nothing was appended for a while, and so also the newest may be forgotten
   * @param next the lowest offset that was never given
   */
  void forget(long now, boolean idle, long next) throws IOException;

  /** What it has; nothing where it keeps nothing, and the window has everything. */
  Optional<Extent> extent();

  /** Asks on a thread of the journal's; fails with {@link LogUnavailable} where it can't read. */
  <T> Future<T> read(Query<T> query);

  /**
   * Asks on the calling thread.
   *
   * @throws IOException where it can't be read
   */
  <T> T readHere(Query<T> query) throws IOException;

  /** How much it has; nothing where it keeps nothing. */
  Optional<LogSize> size();

  /**
   * Ends in good order: what was written is on the disk before it returns.
   *
   * @param next the lowest offset that was never given
   */
  void close(long next) throws IOException;

  /** A question to the journal. */
  interface Query<T> {
    T answer(JournalReader reader) throws IOException;
  }

  /**
   * What a journal has, as of one moment.
   *
   * @param start the offset before its oldest record
   * @param forgottenTime the time of the newest record that was forgotten, in milliseconds since
   *     1970; {@link Long#MIN_VALUE} for none
   * @param gaps where offsets do not go on one by one, in order
   */
  record Extent(long start, long forgottenTime, List<SequenceGap> gaps) {}
}
