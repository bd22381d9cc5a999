package io.tidings.log.redis;

import io.tidings.log.Gap;
import io.tidings.log.LogUnavailable;
import io.tidings.log.redis.RedisStream.Read;
import io.tidings.settings.LogSettings;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps the records in a stream of Redis or Valkey, one entry for each event. What is here is
 * confined to a thread of its own.
 *
 * <p>One connection, the tail, waits for what is added. Every entry names the one before it, by
 * which it is seen that nothing was missed, or that the stream is not the one it was: after a
 * failover to a replica that had not all of it. While nothing is added, that is looked at once a
 * second.
 *
 * <p>A tail that breaks, or does not answer in time, is closed, and another one is made after a
 * pause. Each belongs to one attempt to follow, by its number: what it answers later is passed
 * over.
 */
public final class RedisStore implements RecordStore {
  private static final System.Logger LOG = System.getLogger(RedisStore.class.getName());
  private static final int MAX_RECORDS = 100_000;
  private static final int RECORDS_A_READ = 1_000;
  private static final int BLOCK_MILLIS = 1_000;
  private static final long SHORTEST_PAUSE_MILLIS = 100;
  private static final long LONGEST_PAUSE_MILLIS = 1_000;
  private static final long WATCH_MILLIS = 300;

  private final RedisStream stream;
  private final SerialExecutor thread = new SerialExecutor("tidings-redis");

  /** Who is told; null before somebody follows, and after the store was lost. */
  private Follower follower;

  private Stored cursor;
  private RedisStream.Tail tail;

  /** The number of the attempt to follow that counts. */
  private int attempt;

  private long pauseMillis = SHORTEST_PAUSE_MILLIS;
  private boolean closed;

  /** Whether the follower knows that it is handed what is added. */
  private boolean toldReachable = true;

  private final Waiters waiters = new Waiters();
  private volatile long silentSince;
  private final AtomicLong oldest = new AtomicLong();

  private RedisStore(RedisStream stream) {
    this.stream = stream;
  }

  /**
   * Opens the stream, which is made with the first record.
   *
   * @param clock tells what is too old
   * @return the store, when Redis answers
   */
  public static Future<RedisStore> open(Vertx vertx, LogSettings settings, InstantSource clock) {
    RedisStream stream;
    try {
      stream = new RedisStream(vertx, settings, clock);
    } catch (IllegalArgumentException e) { // whose message may have the password
      return Future.failedFuture(
          new LogUnavailable("log.redis.url: must be a URL such as redis://127.0.0.1:6379", null));
    }
    var store = new RedisStore(stream);
    store.thread.every(WATCH_MILLIS, store.waiters::giveUpLate);
    return store
        .stream
        .ping()
        .map(store)
        .recover(e -> store.close().transform(closed -> Future.failedFuture(e)));
  }

  @Override
  public int eventsPerRecord() {
    return 1;
  }

  @Override
  public int maxRecords() {
    return MAX_RECORDS;
  }

  @Override
  public boolean safeWhenHeard() {
    return !stream.replicated();
  }

  @Override
  public Future<Void> add(List<Buffer> records) {
    return stream.add(records);
  }

  @Override
  public Future<Void> probe() {
    return stream.probe();
  }

  @Override
  public Future<Slice> read(long from, int most) {
    int count = Math.min(most, RECORDS_A_READ);
    return stream
        .range(from, count)
        .map(
            read -> {
              boolean whole =
                  read.isEmpty() || read.get(0).previous() == 0 || read.get(0).previous() < from;
              if (!whole) {
                reached(read.get(0).stored().offset());
              }
              List<Stored> stored = read.stream().map(Read::stored).toList();
              return new Slice(stored, stored.size() == count, whole);
            });
  }

  @Override
  public void follow(Stored after, Follower whom) {
    thread.run(
        () -> {
          follower = whom;
          cursor = after;
          connect(nextAttempt());
        });
  }

  @Override
  public Future<Void> caughtUp() {
    Promise<Void> promise = Promise.promise();
    thread.take(
        stream.newest(),
        (target, failure) -> {
          if (failure != null) {
            promise.fail(failure);
            return;
          }
          waiters.add(promise, target);
          waiters.reached(cursor == null ? 0 : cursor.offset());
        });
    return promise.future();
  }

  @Override
  public long behindMillis() {
    long since = silentSince;
    return since == 0 ? 0 : TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since);
  }

  @Override
  public long oldest() {
    return oldest.get();
  }

  @Override
  public Future<Void> close() {
    Promise<Void> ended = Promise.promise();
    thread.run(
        () -> {
          closed = true;
          nextAttempt();
          ended.complete();
        });
    return ended
        .future()
        .eventually(
            () -> {
              thread.end();
              return stream.close();
            });
  }

  /** Ends the attempt that counted, with its connection. */
  private int nextAttempt() {
    if (tail != null) {
      tail.close();
      tail = null;
    }
    return ++attempt;
  }

  /** Connects, and waits on that connection for what comes. */
  private void connect(int number) {
    if (closed || number != attempt) {
      return;
    }
    thread.take(
        stream.tail(),
        (connection, failure) -> {
          if (failure == null && number != attempt) {
            connection.close();
          } else if (failure == null) {
            tail = connection;
            verify(number);
          } else {
            broken(number, failure);
          }
        });
  }

  private void broken(int number, Throwable failure) {
    if (number != attempt) {
      return;
    }
    silentSince = silentSince == 0 ? System.nanoTime() : silentSince;
    int next = nextAttempt();
    if (toldReachable) {
      toldReachable = false;
      follower.unreachable("it is not followed: " + failure.getMessage());
    }
    thread.after(pauseMillis, () -> connect(next));
    pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
  }

  /** Sees whether the stream is the one that was followed. */
  private void verify(int number) {
    thread.take(
        tail.same(cursor),
        (same, failure) -> {
          if (number != attempt) {
            return;
          } else if (failure != null) {
            broken(number, failure);
          } else if (!same) {
            lost(Gap.Reason.EPOCH);
          } else {
            pauseMillis = SHORTEST_PAUSE_MILLIS;
            silentSince = 0;
            if (!toldReachable) {
              toldReachable = true;
              follower.reachable(true);
            }
            await(number);
          }
        });
  }

  private void await(int number) {
    thread.take(
        tail.next(cursor.offset(), RECORDS_A_READ, BLOCK_MILLIS),
        (read, failure) -> {
          if (number != attempt) {
            return;
          } else if (failure != null) {
            broken(number, failure);
          } else if (read.isEmpty()) {
            verify(number);
          } else if (hear(read)) {
            await(number);
          }
        });
  }

  /** Hands over what was read; false where the stream is not what it was. */
  private boolean hear(List<Read> read) {
    var stored = new ArrayList<Stored>(read.size());
    Gap.Reason why = null;
    for (Read one : read) {
      if (one.previous() != cursor.offset()) {
        why = one.previous() > cursor.offset() ? Gap.Reason.FORGOTTEN : Gap.Reason.EPOCH;
        break;
      }
      reached(one.oldest());
      cursor = one.stored();
      stored.add(cursor);
    }
    if (!stored.isEmpty() && !handedOver(stored)) {
      why = Gap.Reason.FORGOTTEN;
    }
    waiters.reached(cursor.offset());
    if (why != null) {
      lost(why);
    }
    return why == null;
  }

  /** A follower that can't take it in has to begin anew, for it has lost its place. */
  private boolean handedOver(List<Stored> stored) {
    try {
      follower.hear(stored);
      return true;
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "what Redis had could not be taken in", e);
      return false;
    }
  }

  /** It has nothing before the offset. */
  private void reached(long offset) {
    oldest.accumulateAndGet(offset, Math::max);
  }

  private void lost(Gap.Reason why) {
    nextAttempt();
    if (why == Gap.Reason.EPOCH) {
      oldest.set(0);
    }
    toldReachable = false;
    Follower told = follower;
    follower = null;
    told.unreachable("what was followed is not there any more");
    told.lost(why);
  }
}
