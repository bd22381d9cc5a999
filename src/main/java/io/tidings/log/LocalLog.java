package io.tidings.log;

import io.tidings.event.Event;
import io.tidings.event.Filter;
import io.tidings.event.Position;
import io.tidings.event.ResumeRequest;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The log of one process: the newest entries in a {@link Window}, all of them in a {@link Journal}.
 * It takes records whose offsets, times and deduplication its caller has decided; nothing here
 * depends on a clock or on chance.
 *
 * <p>One thread appends. Any thread reads; a read never waits for the disk on the calling thread,
 * nor for a lock that a disk or a scan holds.
 */
public final class LocalLog implements PublishedEntries<IOException> {
  private static final System.Logger LOG = System.getLogger(LocalLog.class.getName());

  private final long epoch;
  private final Journal journal;
  private final Window window;
  private final LocalReads places;
  private final Followers<List<Entry>> followers = new Followers<>();
  private volatile long next;

  /**
   * @param ancestors the earlier epochs of the log
   * @param last the offset of the newest record, 0 for none
   * @param lastTime its time, in milliseconds since 1970; {@link Long#MIN_VALUE} for none
   * @param next the lowest offset that was never given; greater than {@code last}
   * @param memory how much the window may have
   */
  public LocalLog(
      long epoch,
      EpochAncestors ancestors,
      Journal journal,
      long last,
      long lastTime,
      long next,
      Retention memory) {
    this.epoch = epoch;
    this.journal = journal;
    this.window = new Window(new Position(epoch, last), lastTime, memory);
    this.places = new LocalReads(epoch, ancestors, journal, window, () -> this.next);
    this.next = next;
  }

  /** A log of which nothing is left when the process ends. */
  public static LocalLog inMemory(long epoch, Retention keep) {
    return new LocalLog(epoch, EpochAncestors.NONE, new NoJournal(), 0, Long.MIN_VALUE, 1, keep);
  }

  long epoch() {
    return epoch;
  }

  // ---- the thread that appends

  /** The offset of the newest record, 0 for none. */
  long last() {
    return window.bounds().newest();
  }

  /** The lowest offset that was never given. */
  long next() {
    return next;
  }

  /**
   * Appends records, and hands them to the followers. When it returns, they are as durable as
   * configured; what a follower throws changes nothing.
   *
   * @param records at least one; the first names {@link #last} as its predecessor and has an offset
   *     not less than {@link #next}
   * @throws IOException where they could not be written. Nobody sees them; the caller calls {@link
   *     #settle} until that succeeds
   */
  public void append(List<LogRecord> records) throws IOException {
    next = records.get(records.size() - 1).offset() + 1;
    journal.append(records);
    remember(records);
    List<Entry> entries = records.stream().map(LogRecord::entry).toList();
    followers.handle(entries);
  }

  /** Puts what the journal has into the window; where that fails, the window begins after it. */
  private void remember(List<LogRecord> records) {
    String key = "";
    int publication = 0;
    try {
      for (LogRecord record : records) {
        window.add(record.entry());
        key = publication++ == 0 ? record.key() : key;
        if (record.following() == 0) {
          window.note(key, publication);
          publication = 0;
        }
      }
    } catch (Error e) { // the records are stored, whatever becomes of the window
      Entry newest = records.get(records.size() - 1).entry();
      window.restart(newest.position(), newest.time());
      LOG.log(System.Logger.Level.ERROR, "the newest entries in memory were given up", e);
    }
  }

  /**
   * After an append that failed: sees to it that its records never appear.
   *
   * @throws IOException where nobody knows whether they will
   */
  public void settle() throws IOException {
    journal.settle(next);
  }

  /** Tries whether records can be written again. */
  void probe() throws IOException {
    journal.probe(next);
  }

  /** As {@link Journal#forceFailure}. */
  Optional<IOException> forceFailure() {
    return journal.forceFailure();
  }

  /**
   * Forgets what is older or more than is to be kept.
   *
   * @param idle whether nothing was appended for a while
   */
  void forget(long now, boolean idle) throws IOException {
    journal.forget(now, idle, next);
    if (journal.extent().isEmpty()) {
      window.forgetAged(now);
    }
  }

  /** The entries of the newest publication with the key, if it is as young as that. */
  @Override
  public List<Entry> withKey(String key, long sinceTime) throws IOException {
    List<Entry> inMemory = window.withKey(key, sinceTime);
    if (!inMemory.isEmpty() || places.windowHasAll() || !window.forgotSince(sinceTime)) {
      return inMemory;
    }
    return journal.readHere(reader -> reader.withKey(key, sinceTime));
  }

  /** The newest entry with the event's id in its topic, if it is as young as that. */
  @Override
  public Optional<Entry> newestWithId(Event event, long sinceTime) throws IOException {
    Optional<Entry> inMemory = window.newestWithId(event, sinceTime);
    if (inMemory.isPresent() || places.windowHasAll() || !window.forgotSince(sinceTime)) {
      return inMemory;
    }
    return journal.readHere(reader -> reader.newestWithId(event.id(), event.topic(), sinceTime));
  }

  /** Ends in good order: everything is on the disk, and the next life goes on at {@link #next}. */
  void close() throws IOException {
    journal.close(next);
  }

  // ---- any thread

  /** Hands over every entry from now on, in order, each once, on the thread that appends. */
  public void follow(Handler<List<Entry>> entries) {
    followers.add(entries);
  }

  /** What the log has now. */
  public Bounds bounds() {
    return places.bounds();
  }

  /** How much that is. */
  public LogSize size() {
    return journal.size().orElseGet(window::size);
  }

  /** How many bytes the entries take that are in memory. */
  long memoryBytes() {
    return window.size().bytes();
  }

  /** Whether the position is one that the log gives, gave or may give to an entry. */
  public boolean makes(Position id) {
    return places.makes(id);
  }

  /**
   * As {@link EventLog#find}.
   *
   * @param now the time, in milliseconds since 1970
   */
  public Future<StreamStart> find(ResumeRequest resume, Filter what, long now) {
    return places.find(resume, what, now);
  }

  /** As {@link EventLog#after}. */
  public Future<Page> after(Position position, Filter what, int maxBytes) {
    return places.after(position, what, maxBytes);
  }
}
