package io.tidings.log;

import io.tidings.event.Position;
import io.tidings.event.Publication;
import io.tidings.event.Resume;
import io.tidings.event.Selection;
import io.tidings.metrics.Metrics;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * A log in a directory of its own, which survives the process. The newest entries are in memory
 * too, so that most of what is asked for never reaches the disk.
 *
 * <p>{@link DiskWriter} writes, {@link DiskStore} knows what there is, {@link DiskReader} reads, on
 * threads of this log; {@link SegmentFormat} is how it lies on the disk. Futures complete, and
 * followers are called, on those threads.
 */
public final class DiskLog implements EventLog {
  private static final int READERS = 2;

  private final FileChannel lock;
  private final DiskStore store;
  private final DiskWriter writer;
  private final InstantSource clock;
  private final String report;
  private final ExecutorService readers;
  private final List<Handler<List<Entry>>> followers = new CopyOnWriteArrayList<>();
  private final List<Handler<LogState>> watchers = new ArrayList<>();
  private LogState state = LogState.UP;

  private DiskLog(
      FileChannel lock, DiskStore store, DiskWriter writer, InstantSource clock, String report) {
    this.lock = lock;
    this.store = store;
    this.writer = writer;
    this.clock = clock;
    this.report = report;
    var number = new AtomicInteger();
    this.readers =
        Executors.newFixedThreadPool(
            READERS,
            task -> {
              var thread = new Thread(task, "tidings-log-read-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Opens the log in its directory, which is made where there is none, and brings it into order
   * after an end that was none.
   *
   * @param clock tells the time of appending
   * @throws IOException in one line, where the directory can't be used
   */
  public static DiskLog open(Settings.Log settings, InstantSource clock, Metrics metrics)
      throws IOException {
    var directory = new LogDirectory(Path.of(settings.dir()));
    FileChannel lock = directory.lock();
    try {
      return open(settings, clock, metrics.log(), directory, lock);
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private static DiskLog open(
      Settings.Log settings,
      InstantSource clock,
      Metrics.Log metrics,
      LogDirectory directory,
      FileChannel lock)
      throws IOException {
    long begin = System.nanoTime();
    var keep = Retention.of(settings.keep());
    Rolling rolling = Rolling.of(keep);
    directory.tidy();
    long epoch = directory.epochForGood();
    List<Segment> list = new ArrayList<>(directory.open(epoch, true));
    Recovery recovery = Recovery.of(list);
    Reserved reserved = Reserved.open(directory.reserved(), recovery.last() + 1);
    long next = Math.max(recovery.last() + 1, reserved.next());
    long previous = recovery.last();
    if (recovery.damagedEnd()) {
      next = Math.max(next, recovery.lostUpTo() + 1);
      previous = next - 1;
    }
    List<Segment> unindexed = new ArrayList<>(list.stream().filter(Segment::open).toList());
    IOException full = null;
    if (recovery.goesOnIn(rolling)) {
      unindexed.remove(recovery.newest());
      recovery.newest().reopen();
    } else {
      try {
        reserved.cover(next);
        list.add(Segment.create(directory.path(), epoch, next, previous, recovery.lastTime()));
        directory.force();
      } catch (IOException e) {
        if (list.isEmpty()) {
          throw e;
        }
        full = e; // what there is can be heard
      }
    }
    var store = new DiskStore(epoch, keep, settings.memory(), new Segments(list), previous, next);
    var writer =
        new DiskWriter(
            store,
            directory,
            reserved,
            rolling,
            settings.sync(),
            new Repeats(store, settings.once()),
            clock,
            metrics);
    long millis = (System.nanoTime() - begin) / 1_000_000;
    String report = directory.path() + ": " + recovery.report() + " (" + millis + " ms)";
    var log = new DiskLog(lock, store, writer, clock, report);
    metrics.standing(store::bytes, store::entries, store::segmentCount, log::oldestSeconds);
    if (full == null) {
      writer.start(log::follow, log::state);
    } else {
      writer.startReadOnly(full, log::follow, log::state);
    }
    unindexed.forEach(writer::seal);
    return log;
  }

  /** What opening the log found and did, in one line. */
  public String report() {
    return report;
  }

  @Override
  public Future<List<Entry>> append(Publication publication) {
    return publication.events().isEmpty()
        ? Future.succeededFuture(List.of())
        : writer.append(publication);
  }

  @Override
  public Future<Start> find(Resume resume, Selection what) {
    long now = clock.millis();
    Bounds bounds = store.bounds();
    if (resume instanceof Resume.Live) {
      return Future.succeededFuture(Start.after(bounds.head()));
    } else if (resume instanceof Resume.Earliest) {
      return Future.succeededFuture(Start.after(bounds.begin()));
    } else if (resume instanceof Resume.Latest) {
      return latest(what, bounds);
    } else if (resume instanceof Resume.Since since) {
      return since(now - since.age().toMillis(), bounds);
    }
    return after(((Resume.After) resume).id(), what);
  }

  private Future<Start> latest(Selection what, Bounds bounds) {
    Optional<Entry> inMemory = store.newestOf(what);
    if (inMemory.isPresent()) {
      return Future.succeededFuture(before(inMemory.get()));
    }
    return read(
        reading ->
            reading.reader().newestOf(what).map(this::before).orElse(Start.after(bounds.head())));
  }

  private Start before(Entry entry) {
    return Start.after(new Position(store.epoch(), entry.previous()));
  }

  private Future<Start> since(long time, Bounds bounds) {
    return read(
        reading -> {
          if (reading.forgottenTime() >= time) {
            Position oldest = reading.start().after();
            String next = reading.reader().idAfter(oldest.offset());
            return new Start(oldest, Optional.of(new Gap(Gap.Reason.FORGOTTEN, null, next)));
          }
          return Start.after(new Position(bounds.epoch(), reading.reader().before(time)));
        });
  }

  private Future<Start> after(String id, Selection what) {
    Optional<Position> position = Position.parse(id);
    if (position.filter(place -> place.epoch() == store.epoch()).isPresent()) {
      return withNext(store.check(position.get(), id));
    }
    return read(reading -> reading.reader().withId(id, what))
        .compose(
            entry ->
                entry
                    .map(found -> Future.succeededFuture(Start.after(found.position())))
                    .orElseGet(() -> withNext(unknown(id, position))));
  }

  private Start unknown(String id, Optional<Position> position) {
    Bounds bounds = store.bounds();
    Gap.Reason reason = position.isPresent() ? Gap.Reason.EPOCH : Gap.Reason.UNKNOWN;
    return new Start(bounds.begin(), Optional.of(new Gap(reason, id, null)));
  }

  @Override
  public Future<Page> after(Position position, Selection what, int maxBytes) {
    Optional<Page> inMemory = store.inMemory(position, what, maxBytes);
    if (inMemory.isPresent()) {
      return Future.succeededFuture(inMemory.get());
    }
    return read(() -> store.reading(position), reading -> page(reading, what, maxBytes));
  }

  private static Page page(DiskStore.Reading reading, Selection what, int maxBytes)
      throws IOException {
    DiskReader reader = reading.reader();
    Start start = reading.start();
    Page page = reader.after(start.after(), what, maxBytes, reading.memoryFrom());
    if (start.gap().isEmpty()) {
      return page;
    }
    String next = reader.idAfter(start.after().offset());
    return new Page(page.entries(), page.end(), start.gap().map(gap -> gap.goingOnWith(next)));
  }

  /** Looks up the id of the entry with which one goes on who is told of a gap. */
  private Future<Start> withNext(Start start) {
    if (start.gap().isEmpty() || start.after().offset() >= store.bounds().newest()) {
      return Future.succeededFuture(start);
    }
    return read(reading -> reading.reader().idAfter(start.after().offset()))
        .map(start::goingOnWith);
  }

  /** Something that is read from segments. */
  private interface Answer<T> {
    T from(DiskStore.Reading reading) throws IOException;
  }

  private <T> Future<T> read(Answer<T> answer) {
    return read(store::reading, answer);
  }

  private <T> Future<T> read(Supplier<DiskStore.Reading> from, Answer<T> answer) {
    Promise<T> promise = Promise.promise();
    try {
      readers.execute(
          () -> {
            try {
              promise.complete(answered(from, answer));
            } catch (IOException e) {
              promise.fail(new LogUnavailable("the log can't be read: " + e.getMessage(), e));
            } catch (RuntimeException | OutOfMemoryError | InternalError e) {
              promise.fail(e);
            }
          });
    } catch (RejectedExecutionException e) {
      promise.fail(new LogUnavailable("the log is closed", e));
    }
    return promise.future();
  }

  private static <T> T answered(Supplier<DiskStore.Reading> from, Answer<T> answer)
      throws IOException {
    try (DiskStore.Reading reading = from.get()) {
      return answer.from(reading);
    }
  }

  @Override
  public void follow(Handler<List<Entry>> entries) {
    followers.add(entries);
  }

  private void follow(List<Entry> entries) {
    followers.forEach(follower -> follower.handle(entries));
  }

  @Override
  public Bounds bounds() {
    return store.bounds();
  }

  @Override
  public Holding holding() {
    var oldest = store.oldestTime().map(OptionalLong::of).orElseGet(OptionalLong::empty);
    return new Holding(store.bytes(), store.entries(), oldest);
  }

  @Override
  public long memoryBytes() {
    return store.memoryBytes();
  }

  @Override
  public synchronized void onState(Handler<LogState> handler) {
    watchers.add(handler);
    handler.handle(state);
  }

  private synchronized void state(LogState now) {
    state = now;
    watchers.forEach(watcher -> watcher.handle(now));
  }

  private double oldestSeconds() {
    return store.oldestTime().map(time -> (clock.millis() - time) / 1e3).orElse(0.0);
  }

  @Override
  public Future<Void> close() {
    return writer
        .close()
        .eventually(
            () -> {
              readers.shutdown();
              store.close();
              Promise<Void> unlocked = Promise.promise();
              try {
                lock.close();
                unlocked.complete();
              } catch (IOException e) {
                unlocked.fail(e);
              }
              return unlocked.future();
            });
  }
}
