package io.tidings.log;

import io.tidings.event.Event;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Publication;
import io.tidings.metrics.Metrics;
import io.tidings.settings.Settings.Log.Sync;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The one that writes: a thread that takes what waits, writes it together, once, and then tells
 * those who wait for it. So the more there is to write, the larger are the writes (group commit).
 *
 * <p>Where a write fails, nothing of it counts: the file is cut back, or, if that fails too, left
 * for a new one. Then the log is read-only, and each second it is tried whether there is room
 * again. After a force that failed nobody knows what the file has, so it is left for a new one too.
 */
final class DiskWriter {
  private static final long MOST_WAITING_BYTES = 64L << 20;
  private static final Duration CHORES = Duration.ofSeconds(1);
  private static final int PROBE_BYTES = 64 << 10;
  private static final long CLOCK_JITTER_MILLIS = 60_000;
  private static final System.Logger LOG = System.getLogger(DiskWriter.class.getName());

  private final DiskStore store;
  private final LogDirectory directory;
  private final Reserved reserved;
  private final Rolling rolling;
  private final Sync sync;
  private final WriteGroup group;
  private final InstantSource clock;
  private final Metrics.Log metrics;
  private final Chores chores;
  private final BlockingQueue<Waiting> queue = new LinkedBlockingQueue<>();
  private final AtomicLong waitingBytes = new AtomicLong();
  private final Thread thread = new Thread(this::run, "tidings-log");
  private final Promise<Void> closed = Promise.promise();

  private Consumer<LogState> state = now -> {};
  private Handler<List<Entry>> followers = entries -> {};
  private volatile boolean closing;
  private volatile boolean ended;
  private volatile String broken = "";
  private volatile IOException forceFailure;
  private boolean leaveFile;
  private long lastTime;

  /** Events that wait to be written. */
  private record Waiting(
      Publication publication, Promise<List<Entry>> promise, int bytes, long since) {}

  DiskWriter(
      DiskStore store,
      LogDirectory directory,
      Reserved reserved,
      Rolling rolling,
      Sync sync,
      Repeats repeats,
      InstantSource clock,
      Metrics.Log metrics) {
    this.store = store;
    this.directory = directory;
    this.reserved = reserved;
    this.rolling = rolling;
    this.sync = sync;
    this.group = new WriteGroup(store, repeats);
    this.clock = clock;
    this.metrics = metrics;
    this.chores = new Chores(sync, e -> forceFailure = e, metrics);
    this.lastTime = store.newestSegment().known().lastTime();
  }

  /** Begins; hands every group on to the followers, and tells when the state changes. */
  void start(Handler<List<Entry>> toFollowers, Consumer<LogState> toState) {
    followers = toFollowers;
    state = toState;
    thread.start();
  }

  /** Begins without a file to write to, until there is room for one. */
  void startReadOnly(
      IOException why, Handler<List<Entry>> toFollowers, Consumer<LogState> toState) {
    leaveFile = true;
    state = toState;
    fail(why);
    start(toFollowers, toState);
  }

  /** Takes what shall be written. */
  Future<List<Entry>> append(Publication publication) {
    if (closing) {
      return Future.failedFuture(new LogUnavailable("the log is closed", null));
    }
    if (!broken.isEmpty()) {
      return Future.failedFuture(unavailable(null));
    }
    int bytes = 0;
    for (Event event : publication.events()) {
      bytes += SegmentFormat.RECORD_HEADER + event.data().length();
    }
    if (waitingBytes.get() > MOST_WAITING_BYTES) {
      return Future.failedFuture(new LogUnavailable("too much waits to be written", null));
    }
    waitingBytes.addAndGet(bytes);
    var waiting = new Waiting(publication, Promise.promise(), bytes, System.nanoTime());
    queue.add(waiting);
    if (ended) {
      refuseAll();
    }
    return waiting.promise.future();
  }

  /** Writes what waits, and then stops; what was forgotten is deleted before it completes. */
  Future<Void> close() {
    closing = true;
    queue.add(new Waiting(Publication.of(List.of()), Promise.promise(), 0, 0));
    return closed.future();
  }

  /** Has an index written for a segment that nothing is added to. */
  void seal(Segment segment) {
    chores.seal(segment);
  }

  // ---- on the thread

  private void run() {
    try {
      var waiting = new ArrayList<Waiting>();
      while (!closing || !queue.isEmpty()) {
        gather(waiting);
        if (forceFailure != null) {
          leaveFile = true;
          fail(forceFailure);
          forceFailure = null;
        }
        if (!broken.isEmpty()) {
          tryAgain();
        }
        if (waiting.isEmpty()) {
          forgetIdle();
        } else {
          commit(waiting);
          waiting.clear();
        }
      }
      end();
      closed.complete();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closed.fail(e);
    } catch (IOException e) {
      closed.fail(e);
    } finally {
      if (!closing) {
        state.accept(LogState.DOWN);
      }
      closing = true;
      ended = true;
      refuseAll();
      closed.tryFail("the log's thread ended before its time");
    }
  }

  /** Nobody will write any more. */
  private void refuseAll() {
    for (Waiting one = queue.poll(); one != null; one = queue.poll()) {
      one.promise.tryFail(new LogUnavailable("the log is closed", null));
    }
  }

  /** Waits for something to do, and takes what there is. */
  private void gather(List<Waiting> waiting) throws InterruptedException {
    int bytes = 0;
    Waiting next = queue.poll(CHORES.toMillis(), TimeUnit.MILLISECONDS);
    while (next != null) {
      waitingBytes.addAndGet(-next.bytes);
      waiting.add(next);
      bytes += next.bytes;
      next = bytes < WriteGroup.BYTES ? queue.poll() : null;
    }
  }

  private void commit(List<Waiting> waiting) {
    if (!broken.isEmpty()) {
      waiting.forEach(one -> one.promise.fail(unavailable(null)));
      return;
    }
    lastTime = time();
    List<Runnable> answers = new ArrayList<>();
    try {
      group.begin(lastTime);
      waiting.forEach(one -> answers.add(take(one)));
      if (!group.isEmpty()) {
        write();
        forget();
      }
    } catch (IOException e) {
      fail(e);
      waiting.forEach(one -> one.promise.fail(unavailable(e)));
      return;
    } catch (OutOfMemoryError e) {
      cutBack(e);
      var tooLarge = new LogUnavailable("there is not memory enough to write so much at once", e);
      waiting.forEach(one -> one.promise.fail(tooLarge));
      return;
    } catch (RuntimeException e) { // a bug, which must not end the thread
      cutBack(e);
      LOG.log(System.Logger.Level.ERROR, "a group was not written", e);
      waiting.forEach(one -> one.promise.fail(e));
      return;
    }
    answers.forEach(DiskWriter::answer);
  }

  /**
   * Takes one into the group.
   *
   * @return tells the one who waits, once the group is written
   */
  private Runnable take(Waiting one) {
    try {
      List<Entry> entries = group.take(one.publication);
      return () -> {
        one.promise.complete(entries);
        metrics.appended(System.nanoTime() - one.since);
      };
    } catch (InvalidEvent e) {
      return () -> one.promise.fail(e);
    } catch (IOException e) {
      return () -> one.promise.fail(new LogUnavailable("the log can't be read", e));
    }
  }

  /** What somebody does with an answer must not end the thread. */
  private static void answer(Runnable answer) {
    try {
      answer.run();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "an answer was not taken", e);
    }
  }

  /** The time, which does not go back, unless the clock was put back. */
  private long time() {
    long now = clock.millis();
    return now < lastTime - CLOCK_JITTER_MILLIS ? now : Math.max(now, lastTime);
  }

  private void write() throws IOException {
    reserved.cover(group.last());
    if (reserved.runsShort(group.last())) {
      chores.extend(reserved);
    }
    ByteBuffer bytes = group.bytes();
    int size = bytes.remaining();
    if (leaveFile || rolling.due(store.newestSegment(), size, group.last(), group.time())) {
      roll(group.first());
    }
    Segment segment = store.newestSegment();
    long place = segment.known().length();
    segment.write(bytes);
    if (sync.batch()) {
      forced(segment);
    }
    store.added(group.placedAt((int) place), place + size);
    chores.written(segment);
    followers.handle(group.entries());
  }

  private void forced(Segment segment) throws IOException {
    long begin = System.nanoTime();
    try {
      segment.force();
    } catch (IOException e) {
      leaveFile = true;
      throw e;
    }
    metrics.forced(System.nanoTime() - begin);
  }

  private void roll(long first) throws IOException {
    Segment full = store.newestSegment();
    if (!sync.os() && !leaveFile) {
      forced(full);
    }
    store.roll(create(first, full.known().lastTime()));
    leaveFile = false;
    if (full.known().records() > 0) {
      chores.seal(full);
    }
  }

  private Segment create(long first, long previousTime) throws IOException {
    Segment segment =
        Segment.create(directory.path(), store.epoch(), first, store.previous(), previousTime);
    if (sync.batch()) {
      try {
        directory.force(); // or the file itself may be missing after a power cut
      } catch (IOException e) {
        segment.delete();
        throw e;
      }
    } else if (!sync.os()) {
      chores.force(directory);
    }
    return segment;
  }

  private void forget() {
    store.forget(clock.millis()).forEach(chores::delete);
  }

  /** Nothing was published for a while: also the newest segment may have become too old. */
  private void forgetIdle() {
    try {
      if (broken.isEmpty() && store.newestTooOld(clock.millis())) {
        roll(store.next());
      }
    } catch (IOException e) {
      fail(e);
    }
    forget();
  }

  /** Sees to it that nothing of a group that failed is in the file. */
  private void cutBack(Throwable failure) {
    if (leaveFile) {
      return; // it is not written to any more, and its end may tell the next start something
    }
    try {
      store.newestSegment().truncate();
    } catch (IOException again) {
      failure.addSuppressed(again);
      leaveFile = true;
    }
  }

  private void fail(IOException e) {
    cutBack(e);
    broken = e.getMessage() == null ? e.toString() : e.getMessage();
    LOG.log(System.Logger.Level.ERROR, "the log can't write, and is read-only: " + broken);
    state.accept(LogState.READ_ONLY);
  }

  private LogUnavailable unavailable(IOException e) {
    return new LogUnavailable("the log can't write: " + broken, e);
  }

  /** Looks whether there is room again, for something at least. */
  private void tryAgain() {
    try {
      if (leaveFile) {
        roll(store.next());
      }
      Segment segment = store.newestSegment();
      segment.write(ByteBuffer.allocate(PROBE_BYTES));
      if (!sync.os()) {
        segment.force();
      }
      segment.truncate();
      broken = "";
      LOG.log(System.Logger.Level.INFO, "the log can write again");
      state.accept(LogState.UP);
    } catch (IOException e) {
      cutBack(e); // it stays as it is, which was told when it began
    }
  }

  private void end() throws IOException {
    chores.close();
    Segment newest = store.newestSegment();
    if (broken.isEmpty()) {
      newest.force();
      reserved.settle(store.next());
      if (newest.known().records() > 0) {
        newest.seal();
      }
    }
    reserved.close();
  }
}
