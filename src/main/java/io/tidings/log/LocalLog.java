package io.tidings.log;

import io.tidings.event.Event;
import io.tidings.event.Position;
import io.tidings.event.Resume;
import io.tidings.event.Selection;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The log of one process: the newest entries in a {@link Window}, all of them in a {@link Journal}.
 * It takes records whose offsets, times and deduplication its caller has decided; nothing here
 * depends on a clock or on chance.
 *
 * <p>One thread appends. Any thread reads; a read never waits for the disk on the calling thread,
 * nor for a lock that a disk or a scan holds.
 */
public final class LocalLog {
  private static final System.Logger LOG = System.getLogger(LocalLog.class.getName());

  private final long epoch;
  private final EpochAncestors ancestors;
  private final Journal journal;
  private final Window window;
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
    this.ancestors = ancestors;
    this.journal = journal;
    this.window = new Window(new Position(epoch, last), lastTime, memory);
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
  List<Entry> withKey(String key, long sinceTime) throws IOException {
    List<Entry> inMemory = window.withKey(key, sinceTime);
    if (!inMemory.isEmpty() || windowHasAll() || !window.forgotSince(sinceTime)) {
      return inMemory;
    }
    return journal.readHere(reader -> reader.withKey(key, sinceTime));
  }

  /** The newest entry with the event's id in its topic, if it is as young as that. */
  Optional<Entry> newestWithId(Event event, long sinceTime) throws IOException {
    Optional<Entry> inMemory = window.newestWithId(event, sinceTime);
    if (inMemory.isPresent() || windowHasAll() || !window.forgotSince(sinceTime)) {
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
    Bounds inMemory = window.bounds();
    long start = journal.extent().map(Journal.Extent::start).orElse(inMemory.start());
    Position head = inMemory.head();
    return new Bounds(start, head.offset() < start ? head.at(start) : head);
  }

  /** How much that is. */
  public Holding holding() {
    return journal.holding().orElseGet(window::holding);
  }

  /** How many bytes the entries take that are in memory. */
  long memoryBytes() {
    return window.holding().bytes();
  }

  /** Whether the position is one that the log gives, gave or may give to an entry. */
  public boolean makes(Position id) {
    return id.epoch() == epoch || ancestors.has(id);
  }

  /**
   * As {@link EventLog#find}.
   *
   * @param now the time, in milliseconds since 1970
   */
  public Future<Start> find(Resume resume, Selection what, long now) {
    if (resume instanceof Resume.Live) {
      return Future.succeededFuture(Start.after(bounds().head()));
    } else if (resume instanceof Resume.Earliest) {
      return Future.succeededFuture(Start.after(bounds().begin()));
    } else if (resume instanceof Resume.Latest) {
      return latest(what);
    } else if (resume instanceof Resume.Since since) {
      return since(now - since.age().toMillis()).compose(this::withNext);
    }
    return after(((Resume.After) resume).id(), what).compose(this::withNext);
  }

  private Future<Start> latest(Selection what) {
    Bounds bounds = bounds();
    Optional<Entry> inMemory =
        window.newestOf(what).filter(entry -> entry.previous() >= bounds.start());
    if (inMemory.isPresent() || windowHasAll()) {
      return Future.succeededFuture(before(inMemory, bounds));
    }
    return journal.read(reader -> before(reader.newestOf(what), bounds));
  }

  private static Start before(Optional<Entry> entry, Bounds bounds) {
    return Start.after(
        entry.map(found -> bounds.head().at(found.previous())).orElse(bounds.head()));
  }

  private Future<Start> since(long time) {
    Bounds bounds = bounds();
    if (forgottenSince(journal.extent(), time)) {
      return Future.succeededFuture(oldest(Gap.Reason.FORGOTTEN, null, bounds));
    } else if (windowHasAll() || !window.forgotSince(time)) {
      return Future.succeededFuture(Start.after(bounds.head().at(window.before(time))));
    }
    return journal.read(
        reader ->
            forgottenSince(Optional.of(reader.extent()), time)
                ? oldest(Gap.Reason.FORGOTTEN, null, bounds())
                : Start.after(bounds.head().at(reader.before(time))));
  }

  private boolean forgottenSince(Optional<Journal.Extent> extent, long time) {
    return extent
        .map(there -> there.forgottenTime() >= time)
        .orElseGet(() -> window.forgotSince(time));
  }

  private Future<Start> after(String id, Selection what) {
    Optional<Position> position = Position.parse(id);
    if (position.filter(this::makes).isPresent()) {
      return Future.succeededFuture(check(position.get(), id, journal.extent()));
    }
    Gap.Reason reason = position.isPresent() ? Gap.Reason.EPOCH : Gap.Reason.UNKNOWN;
    if (windowHasAll()) {
      OptionalLong offset = window.offsetOf(id, what);
      return Future.succeededFuture(
          offset.isPresent()
              ? Start.after(bounds().head().at(offset.getAsLong()))
              : oldest(reason, id, bounds()));
    }
    // also where the window has the id: it may have been used before, and a client that means that
    // use would lose what came in between
    return journal.read(
        reader ->
            reader
                .withId(id, what)
                .map(entry -> Start.after(entry.position()))
                .orElseGet(() -> oldest(reason, id, bounds())));
  }

  /** Whether one can go on from the position, and if not, why and from where then. */
  private Start check(Position position, String id, Optional<Journal.Extent> extent) {
    Bounds bounds = bounds();
    long offset = position.offset();
    if (position.epoch() != epoch) {
      OptionalLong common = ancestors.common(position.epoch());
      if (common.isEmpty()) {
        return oldest(Gap.Reason.EPOCH, id, bounds);
      } else if (offset > common.getAsLong()) {
        return branched(common.getAsLong(), id, bounds);
      }
    }
    long start = extent.map(Journal.Extent::start).orElse(bounds.start());
    if (offset < start) {
      return new Start(
          new Position(epoch, start), Optional.of(new Gap(Gap.Reason.FORGOTTEN, id, null)));
    } else if (offset >= next) {
      return oldest(Gap.Reason.UNKNOWN, id, bounds);
    } else if (offset > bounds.newest()) {
      return new Start(bounds.head(), Optional.of(new Gap(Gap.Reason.LOST, id, null)));
    }
    for (SequenceGap gap : extent.map(Journal.Extent::gaps).orElse(List.of())) {
      if (gap.missedBy(offset)) {
        var after = new Position(epoch, Math.max(offset, gap.previous()));
        return new Start(after, Optional.of(new Gap(Gap.Reason.LOST, id, null)));
      }
    }
    return Start.after(new Position(epoch, offset));
  }

  /** What was received beyond the common part of an earlier epoch is not in this log. */
  private Start branched(long common, String id, Bounds bounds) {
    var after = new Position(epoch, Math.max(common, bounds.start()));
    return new Start(after, Optional.of(new Gap(Gap.Reason.EPOCH, id, null)));
  }

  private static Start oldest(Gap.Reason reason, String id, Bounds bounds) {
    return new Start(bounds.begin(), Optional.of(new Gap(reason, id, null)));
  }

  /** Looks up the id of the entry with which a stream goes on that is told of a gap. */
  private Future<Start> withNext(Start start) {
    if (start.gap().isEmpty() || start.after().offset() >= bounds().newest()) {
      return Future.succeededFuture(start);
    }
    return after(start.after(), Selection.EVERYTHING, 1)
        .map(page -> start.goingOnWith(page.firstId()));
  }

  /** As {@link EventLog#after}. */
  public Future<Page> after(Position position, Selection what, int maxBytes) {
    Start start = check(position, position.toString(), journal.extent());
    if (start.gap().isEmpty() || windowHasAll()) {
      Optional<Page> page = inWindow(start, what, maxBytes);
      if (page.isPresent()) {
        return Future.succeededFuture(page.get());
      } else if (windowHasAll()) { // what comes next was forgotten in this moment
        return after(position, what, maxBytes);
      }
    }
    long memoryFrom = window.bounds().start();
    return journal.read(
        reader -> {
          Start from = check(position, position.toString(), Optional.of(reader.extent()));
          Page page = reader.after(from.after(), what, maxBytes, memoryFrom);
          if (page.entries().isEmpty() && page.end().offset() == from.after().offset()) {
            // reading may have brought a loss to light that begins right here
            from = check(position, position.toString(), journal.extent());
            page = reader.after(from.after(), what, maxBytes, memoryFrom);
          }
          if (from.gap().isEmpty()) {
            return page;
          }
          String id = reader.idAfter(epoch, from.after().offset());
          return new Page(page.entries(), page.end(), from.goingOnWith(id).gap());
        });
  }

  private Optional<Page> inWindow(Start start, Selection what, int maxBytes) {
    return window
        .page(start.after().offset(), what, maxBytes)
        .map(
            page -> {
              String id = start.gap().isEmpty() ? null : window.idAfter(start.after().offset());
              return new Page(page.entries(), page.end(), start.goingOnWith(id).gap());
            });
  }

  private boolean windowHasAll() {
    return journal.extent().isEmpty();
  }
}
