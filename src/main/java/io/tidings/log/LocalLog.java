package io.tidings.log;

import io.tidings.event.Event;
import io.tidings.event.Position;
import io.tidings.event.ResumeRequest;
import io.tidings.event.Selection;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The log of one process: the newest entries in a {@link Window}, all of them in a {@link Journal}.
 * The caller decides the offsets, times and deduplication of the records; the log itself is
 * deterministic and uses no clock.
 *
 * <p>One thread appends. Any thread reads; a read never waits for the disk on the calling thread,
 * nor for a lock that is held during disk access or a scan.
 */
public final class LocalLog implements PublishedEntries<IOException> {
  private static final System.Logger LOG = System.getLogger(LocalLog.class.getName());

  private final long epoch;
  private final Journal journal;
  private final Window window;
  private final LocalReads reads;
  private final Followers<List<Entry>> followers = new Followers<>();

  /** The lowest offset that was never assigned. The thread that appends. */
  private long next;

  /**
   * The same for readers. It follows {@link #next} when the records are in the window, or will
   * never appear: a position that is about to be written, and that in a cluster another node has
   * handed out already, is unknown until then, not lost.
   */
  private volatile long nextForReaders;

  /**
   * Where a log continues.
   *
   * @param last the offset of the newest record; 0 for none
   * @param lastTime its time, in milliseconds since 1970; {@link Long#MIN_VALUE} for none
   * @param next the lowest offset that was never assigned; greater than {@code last}
   */
  public record End(long last, long lastTime, long next) {
    /** The end of a log without records. */
    static final End EMPTY = new End(0, Long.MIN_VALUE, 1);
  }

  /**
   * @param ancestors the earlier epochs of the log
   * @param end the end of the journal
   * @param memory the retention of the window
   */
  public LocalLog(
      long epoch, EpochAncestors ancestors, Journal journal, End end, Retention memory) {
    this.epoch = epoch;
    this.journal = journal;
    this.window = new Window(new Position(epoch, end.last), end.lastTime, memory);
    this.reads = new LocalReads(epoch, ancestors, journal, window, () -> nextForReaders);
    this.next = end.next;
    this.nextForReaders = end.next;
  }

  /** A log without storage, whose window has all entries. */
  public static LocalLog inMemory(long epoch, Retention retention) {
    return new LocalLog(epoch, EpochAncestors.NONE, new NoJournal(), End.EMPTY, retention);
  }

  long epoch() {
    return epoch;
  }

  // ---- the thread that appends

  /** The offset of the newest record; 0 for none. */
  public long last() {
    return window.bounds().newest();
  }

  /** The lowest offset that was never assigned. */
  long next() {
    return next;
  }

  /**
   * Appends records and calls the followers. When it returns, the records are as durable as
   * configured; an exception of a follower has no effect.
   *
   * @param records at least one; the first names {@link #last} as its predecessor and has an offset
   *     not less than {@link #next}
   * @throws IOException if they could not be written. No reader sees them; the caller must call
   *     {@link #rollBack} until it succeeds
   */
  public void append(List<LogRecord> records) throws IOException {
    next = records.get(records.size() - 1).offset() + 1;
    journal.append(records);
    addToWindow(records);
    nextForReaders = next;
    followers.handle(records.stream().map(LogRecord::entry).toList());
  }

  /** Adds stored records to the window; if that fails, the window restarts after them. */
  private void addToWindow(List<LogRecord> records) {
    LogRecord first = records.get(0);
    int count = 0;
    try {
      for (LogRecord record : records) {
        window.add(record.entry(), record.scope());
        first = count++ == 0 ? record : first;
        if (record.following() == 0) {
          window.addKey(first.scope(), first.key(), count);
          count = 0;
        }
      }
    } catch (Error e) { // such as OutOfMemoryError; the records are stored
      Entry newest = records.get(records.size() - 1).entry();
      window.restart(newest.position(), newest.time());
      LOG.log(System.Logger.Level.ERROR, "the entries in memory were dropped", e);
    }
  }

  /**
   * After a failed append: guarantees that its records never appear.
   *
   * @throws IOException if that failed; then they may appear after a restart
   */
  public void rollBack() throws IOException {
    journal.rollBack(next);
    nextForReaders = next;
  }

  /**
   * As {@link #rollBack}, for a log whose offsets are assigned elsewhere: the next records may have
   * the offsets of those that failed.
   *
   * @throws IOException if that failed; the caller must call it again before it appends
   */
  public void rollBackOffsets() throws IOException {
    next = last() + 1;
    journal.rollBack(next);
  }

  /**
   * Tests whether records can be written again, by writing to the disk. Not while a failed append
   * is not rolled back.
   *
   * @throws IOException if they can't
   */
  public void probe() throws IOException {
    journal.probe(next);
  }

  /** As {@link Journal#forceFailure}. */
  Optional<IOException> forceFailure() {
    return journal.forceFailure();
  }

  /** Replaces the retention of a log that stores its entries; that of the window stays. */
  public void keep(Retention retention) {
    journal.keep(retention);
  }

  /**
   * If all entries are older than the retention allows, makes {@link #applyRetention} remove the
   * newest ones too. Not while a failed append is not rolled back.
   *
   * @param now in milliseconds since 1970
   * @throws IOException if that failed; nothing has changed
   */
  public void expireNewest(long now) throws IOException {
    journal.expireNewest(now, next);
  }

  /**
   * Removes the entries that exceed the retention, except for the newest ones, to which more may be
   * appended: files are deleted in the background.
   *
   * @param now in milliseconds since 1970
   */
  public void applyRetention(long now) throws IOException {
    journal.applyRetention(now);
    if (journal.extent().isEmpty()) {
      window.evictExpired(now);
    }
  }

  @Override
  public List<Entry> withKey(String scope, String key, long sinceTime) throws IOException {
    List<Entry> inMemory = window.withKey(scope, key, sinceTime);
    if (!inMemory.isEmpty() || reads.windowHasAll() || !window.hasEvictedSince(sinceTime)) {
      return inMemory;
    }
    return journal.readBlocking(reader -> reader.withKey(scope, key, sinceTime));
  }

  @Override
  public Optional<Entry> newestWithId(String scope, Event event, long sinceTime)
      throws IOException {
    Optional<Entry> inMemory = window.newestWithId(scope, event, sinceTime);
    if (inMemory.isPresent() || reads.windowHasAll() || !window.hasEvictedSince(sinceTime)) {
      return inMemory;
    }
    return journal.readBlocking(reader -> reader.newestWithId(scope, event, sinceTime));
  }

  /** Closes the journal; after a restart the log continues at {@link #next}. */
  public void close() throws IOException {
    journal.close(next);
  }

  // ---- any thread

  /**
   * Forces everything that was appended since the log was opened and before the call to the disk,
   * whatever {@code log.sync} is: when it returns, a power cut loses none of it. Blocks; the thread
   * that appends does not wait for it with {@code log.sync: os}. The thread must not be interrupted
   * meanwhile, since that closes the file.
   *
   * @throws IOException if that failed, or forcing failed before, whoever forced: what is on the
   *     disk is unknown then, and forcing again can succeed falsely, because the system drops what
   *     it could not write. So every later call fails, until the log is opened again
   */
  public void force() throws IOException {
    journal.force();
  }

  /** Calls the handler on the thread that appends with all entries from now on, in order. */
  public void follow(Handler<List<Entry>> entries) {
    followers.add(entries);
  }

  /** The current bounds of the log. */
  public Bounds bounds() {
    return reads.bounds();
  }

  /** The size of the retained entries. */
  public LogSize size() {
    return journal.size().orElseGet(window::size);
  }

  /** The bytes of memory that the window occupies. */
  public long memoryBytes() {
    return window.size().bytes();
  }

  /** Whether the position belongs to this log, in any of its epochs. */
  public boolean owns(Position id) {
    return reads.owns(id);
  }

  /**
   * As {@link EventLog#find}.
   *
   * @param now the time, in milliseconds since 1970
   */
  public Future<StreamStart> find(
      ResumeRequest resume, Selection selection, Selection readable, long now) {
    return reads.find(resume, selection, readable, now);
  }

  /** As {@link EventLog#after}. */
  public Future<Page> after(Position position, Selection selection, int maxBytes) {
    return reads.after(position, selection, maxBytes);
  }
}
