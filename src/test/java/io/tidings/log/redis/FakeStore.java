package io.tidings.log.redis;

import io.tidings.event.CautiousClock;
import io.tidings.log.ExpiringRecords;
import io.tidings.log.Gap;
import io.tidings.log.LocalRecords;
import io.tidings.log.LogUnavailable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** One hub's access to records that several hubs share; fails on command. */
final class FakeStore implements RecordStore {
  /** The outcome of an add. */
  enum Mood {
    WELL,
    /** It fails, and nothing is stored. */
    REFUSES,
    /** It fails, and all records are stored. */
    FORGETS_TO_ANSWER,
    /** The records are stored, and it completes when the mood changes. */
    HANGS
  }

  /** The shared records. */
  static final class Records {
    private static final long STEP = 8;

    private final TreeMap<Long, Buffer> list = new TreeMap<>();
    private long next = STEP;
    private long oldest;

    synchronized void add(List<Buffer> records) {
      for (Buffer record : records) {
        list.put(next, record);
        next += STEP;
      }
    }

    synchronized List<Stored> from(long offset) {
      var stored = new ArrayList<Stored>();
      list.tailMap(offset, true)
          .forEach((at, bytes) -> stored.add(new Stored(at, at - STEP, bytes)));
      return stored;
    }

    /** Removes the records before the offset. */
    synchronized void evictBefore(long offset) {
      oldest = offset;
      list.headMap(offset, false).clear();
    }

    synchronized long oldest() {
      return oldest;
    }

    /** Offsets continue, as in Redis, where they are derived from the time. */
    synchronized void loseAll() {
      list.clear();
    }

    synchronized void loseAfter(long offset) {
      list.tailMap(offset, false).clear();
      next = list.lastKey() + STEP;
    }
  }

  private final Records records;
  private final ExpiringRecords expiring =
      LocalRecords.inMemory(CautiousClock.of(InstantSource.system()));
  private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
  private Follower follower;
  private long cursor;
  private volatile Mood mood = Mood.WELL;
  private volatile int delayMillis;

  /** How many reads succeed from now on, how many fail after them, and how many were made. */
  final AtomicInteger succeedingReads = new AtomicInteger();

  final AtomicInteger failingReads = new AtomicInteger();

  final AtomicInteger reads = new AtomicInteger();

  /** How many adds and probes were made. */
  final AtomicInteger adds = new AtomicInteger();

  final AtomicInteger probes = new AtomicInteger();

  /** Whether it delivers nothing. */
  volatile boolean muted;

  /** Whether a probe fails. */
  volatile boolean probeFails;

  /** Completions of adds that hang. */
  private final Queue<Runnable> hanging = new ConcurrentLinkedQueue<>();

  FakeStore(Records records) {
    this.records = records;
    thread.scheduleWithFixedDelay(this::deliver, 1, 1, TimeUnit.MILLISECONDS);
  }

  void mood(Mood now, int millis) {
    mood = now;
    delayMillis = millis;
    if (now != Mood.HANGS) {
      for (Runnable next = hanging.poll(); next != null; next = hanging.poll()) {
        next.run();
      }
    }
  }

  void reportLoss() {
    reportLoss(Gap.Reason.EPOCH);
  }

  /** Delivers nothing more until it is followed again. */
  void reportLoss(Gap.Reason why) {
    thread.execute(
        () -> {
          Follower previous = follower;
          follower = null;
          previous.lost(why);
          muted = false;
        });
  }

  void unreachable(String why) {
    thread.execute(() -> follower.unreachable(why));
  }

  void reachable() {
    thread.execute(() -> follower.reachable());
  }

  private void deliver() {
    List<Stored> more = follower == null || muted ? List.of() : records.from(cursor + 1);
    if (!more.isEmpty()) {
      cursor = more.get(more.size() - 1).offset();
      follower.receive(more);
    }
  }

  @Override
  public ExpiringRecords records() {
    return expiring;
  }

  @Override
  public int maxRecords() {
    return 100;
  }

  @Override
  public boolean deliversDurable() {
    return true;
  }

  @Override
  public Future<Void> add(List<Buffer> added) {
    adds.incrementAndGet();
    Mood now = mood;
    Promise<Void> promise = Promise.promise();
    thread.schedule(
        () -> {
          if (now != Mood.REFUSES) {
            records.add(added);
          }
          if (now == Mood.WELL) {
            promise.complete();
          } else if (now == Mood.HANGS) {
            hanging.add(promise::complete);
          } else {
            promise.fail(new LogUnavailable(now.name(), null));
          }
        },
        delayMillis,
        TimeUnit.MILLISECONDS);
    return promise.future();
  }

  @Override
  public Future<Slice> read(long from, int max) {
    reads.incrementAndGet();
    boolean succeeds = succeedingReads.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
    if (!succeeds && failingReads.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      return Future.failedFuture(new LogUnavailable("a read fails", null));
    }
    List<Stored> all = records.from(from);
    List<Stored> page = List.copyOf(all.subList(0, Math.min(max, all.size())));
    boolean whole = records.oldest() <= from || page.isEmpty();
    return Future.succeededFuture(new Slice(page, page.size() < all.size(), whole));
  }

  @Override
  public Future<Void> probe() {
    probes.incrementAndGet();
    return probeFails
        ? Future.failedFuture(new LogUnavailable("it can't be written", null))
        : Future.succeededFuture();
  }

  @Override
  public void follow(Stored after, Follower receiver) {
    thread.execute(
        () -> {
          cursor = after.offset();
          follower = receiver;
        });
  }

  @Override
  public Future<Void> caughtUp() {
    Promise<Void> promise = Promise.promise();
    thread.execute(
        () -> {
          deliver();
          promise.complete();
        });
    return promise.future();
  }

  @Override
  public long behindMillis() {
    return 0;
  }

  @Override
  public long oldest() {
    return records.oldest();
  }

  @Override
  public Future<Void> close() {
    thread.shutdownNow();
    return Future.succeededFuture();
  }
}
