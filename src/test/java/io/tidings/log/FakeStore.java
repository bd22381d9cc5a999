package io.tidings.log;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** One hub's way to records that several share; fails as it is told to. */
final class FakeStore implements RecordStore {
  /** What becomes of an add. */
  enum Mood {
    WELL,
    /** It fails, and nothing is there. */
    REFUSES,
    /** It fails, and all is there. */
    FORGETS_TO_ANSWER
  }

  /** What is shared. */
  static final class Records {
    private final TreeMap<Long, Buffer> list = new TreeMap<>();
    private long next = 8;

    synchronized void add(List<Buffer> records) {
      for (Buffer record : records) {
        list.put(next, record);
        next += 8;
      }
    }

    synchronized List<Stored> from(long offset) {
      var stored = new ArrayList<Stored>();
      list.tailMap(offset - 7, true).forEach((at, bytes) -> stored.add(new Stored(at, bytes)));
      return stored;
    }

    synchronized void loseAfter(long offset) {
      list.tailMap(offset, false).clear();
      next = list.lastKey() + 8;
    }
  }

  private final Records records;
  private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
  private Follower follower;
  private long cursor;
  private volatile Mood mood = Mood.WELL;
  private volatile int delayMillis;

  FakeStore(Records records) {
    this.records = records;
    thread.scheduleWithFixedDelay(this::deliver, 1, 1, TimeUnit.MILLISECONDS);
  }

  void mood(Mood now, int millis) {
    mood = now;
    delayMillis = millis;
  }

  void tellOfLoss() {
    thread.execute(
        () -> {
          Follower told = follower;
          follower = null;
          told.lost(Gap.Reason.EPOCH);
        });
  }

  private void deliver() {
    List<Stored> more = follower == null ? List.of() : records.from(cursor + 8);
    if (!more.isEmpty()) {
      cursor = more.get(more.size() - 1).offset();
      follower.hear(more);
    }
  }

  @Override
  public int eventsPerRecord() {
    return 8;
  }

  @Override
  public int mostRecords() {
    return 100;
  }

  @Override
  public boolean safeWhenHeard() {
    return true;
  }

  @Override
  public Future<Void> add(List<Buffer> added) {
    Mood now = mood;
    Promise<Void> promise = Promise.promise();
    thread.schedule(
        () -> {
          if (now != Mood.REFUSES) {
            records.add(added);
          }
          if (now == Mood.WELL) {
            promise.complete();
          } else {
            promise.fail(new LogUnavailable(now.name(), null));
          }
        },
        delayMillis,
        TimeUnit.MILLISECONDS);
    return promise.future();
  }

  @Override
  public Future<Slice> read(long from, int most) {
    List<Stored> all = records.from(from);
    List<Stored> page = List.copyOf(all.subList(0, Math.min(most, all.size())));
    return Future.succeededFuture(new Slice(page, page.size() < all.size(), true));
  }

  @Override
  public void follow(Stored after, Follower whom) {
    thread.execute(
        () -> {
          cursor = after.offset();
          follower = whom;
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
    return 0;
  }

  @Override
  public Future<Void> close() {
    thread.shutdownNow();
    return Future.succeededFuture();
  }
}
