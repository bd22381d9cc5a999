package io.tidings.log.redis;

import io.tidings.log.ExpiringRecords;
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
import java.util.function.LongSupplier;

/**
 * Stores the records in a stream of Redis or Valkey, one entry for each event. State is confined to
 * its own thread.
 *
 * <p>One connection, the tail, blocks until entries are added. Every entry names the one before it;
 * by that, the store detects that entries were missed, or that the stream is another one, as after
 * a failover to a replica that lagged behind. While nothing is added, it is checked once a second.
 *
 * <p>A tail that breaks, or does not answer in time, is closed, and replaced after a pause. Every
 * tail belongs to a numbered attempt to follow; answers of earlier attempts are ignored.
 *
 * <p>Above 300 lines: connecting, verifying and reading the tail are one state machine.
 */
public final class RedisStore implements RecordStore {
  private static final System.Logger LOG = System.getLogger(RedisStore.class.getName());
  private static final int MAX_RECORDS = 100_000;
  private static final int RECORDS_PER_READ = 1_000;
  private static final int BLOCK_MILLIS = 1_000;
  private static final long SHORTEST_PAUSE_MILLIS = 100;
  private static final long LONGEST_PAUSE_MILLIS = 1_000;
  private static final long EXPIRE_WAITERS_MILLIS = 300;

  private final RedisStream stream;
  private final RedisRecords records;
  private final LongSupplier nanoTime;

  /** Null if this hub is not told of others. */
  private volatile RedisHubs hubs;

  private final SerialExecutor thread = new SerialExecutor("tidings-redis");

  /** Null before {@link #follow}, and after records were lost. */
  private Follower follower;

  private Stored cursor;
  private RedisTail tail;

  /** The number of the current attempt to follow. */
  private int attempt;

  private long pauseMillis = SHORTEST_PAUSE_MILLIS;
  private boolean closed;

  /** The value of the last {@link Follower#reachable} call. */
  private boolean reportedReachable = true;

  private final Waiters waiters;
  private volatile long unreachableSince;
  private final AtomicLong oldest = new AtomicLong();

  private RedisStore(RedisStream stream, InstantSource clock, LongSupplier nanoTime) {
    this.stream = stream;
    this.records = new RedisRecords(new RedisRecordStream(stream), clock);
    this.nanoTime = nanoTime;
    this.waiters = new Waiters(nanoTime);
  }

  /**
   * Opens the stream, which is created with the first record.
   *
   * @param clock the time by which records expire
   * @return the store, when Redis answers
   */
  public static Future<RedisStore> open(Vertx vertx, LogSettings settings, InstantSource clock) {
    return open(vertx, settings, clock, System::nanoTime);
  }

  /**
   * @param nanoTime the clock that measures {@link #behindMillis}, as {@link System#nanoTime}
   */
  static Future<RedisStore> open(
      Vertx vertx, LogSettings settings, InstantSource clock, LongSupplier nanoTime) {
    RedisStream stream;
    try {
      stream = new RedisStream(vertx, settings, clock);
    } catch (IllegalArgumentException e) { // its message may contain the password
      return Future.failedFuture(
          new LogUnavailable("log.redis.url: must be a URL such as redis://127.0.0.1:6379", null));
    }
    var store = new RedisStore(stream, clock, nanoTime);
    store.thread.every(EXPIRE_WAITERS_MILLIS, store.waiters::expire);
    return store
        .stream
        .connections()
        .ping()
        .compose(answers -> store.records.open())
        .map(store)
        .recover(e -> store.close().transform(closed -> Future.failedFuture(e)));
  }

  /**
   * The other hubs that share the log, once.
   *
   * @param name this hub's
   */
  public RedisHubs hubs(String name) {
    hubs = new RedisHubs(stream, name).open();
    return hubs;
  }

  @Override
  public ExpiringRecords records() {
    return records;
  }

  @Override
  public int maxRecords() {
    return MAX_RECORDS;
  }

  @Override
  public boolean deliversDurable() {
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
  public Future<Slice> read(long from, int max) {
    int count = Math.min(max, RECORDS_PER_READ);
    return stream
        .range(from, count)
        .map(
            read -> {
              boolean whole = read.isEmpty() || read.get(0).stored().previous() < Math.max(from, 1);
              if (!whole) {
                raiseOldest(read.get(0).stored().offset());
              }
              List<Stored> stored = read.stream().map(Read::stored).toList();
              return new Slice(stored, stored.size() == count, whole);
            });
  }

  @Override
  public void follow(Stored after, Follower receiver) {
    thread.run(
        () -> {
          follower = receiver;
          cursor = after;
          connect(nextAttempt());
        });
  }

  @Override
  public Future<Void> caughtUp() {
    Promise<Void> promise = Promise.promise();
    thread.onComplete(
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
    long since = unreachableSince;
    return since == 0 ? 0 : TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong() - since);
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
              records.close();
              return hubs == null ? Future.succeededFuture() : hubs.close();
            })
        .eventually(() -> stream.connections().close());
  }

  /** Ends the current attempt and closes its connection. */
  private int nextAttempt() {
    if (tail != null) {
      tail.close();
      tail = null;
    }
    return ++attempt;
  }

  /** Opens a tail, and reads from it. */
  private void connect(int number) {
    if (closed || number != attempt) {
      return;
    }
    thread.onComplete(
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
    unreachableSince = unreachableSince == 0 ? nanoTime.getAsLong() : unreachableSince;
    int next = nextAttempt();
    if (reportedReachable) {
      reportedReachable = false;
      follower.unreachable("Redis is not followed: " + failure.getMessage());
    }
    thread.after(pauseMillis, () -> connect(next));
    pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
  }

  /** Checks whether the stream is still the one that was followed. */
  private void verify(int number) {
    thread.onComplete(
        tail.contains(cursor),
        (same, failure) -> {
          if (number != attempt) {
            return;
          } else if (failure != null) {
            broken(number, failure);
          } else if (!same) {
            lost(Gap.Reason.EPOCH);
          } else {
            pauseMillis = SHORTEST_PAUSE_MILLIS;
            unreachableSince = 0;
            if (!reportedReachable) {
              reportedReachable = true;
              follower.reachable();
            }
            await(number);
          }
        });
  }

  private void await(int number) {
    thread.onComplete(
        tail.next(cursor.offset(), RECORDS_PER_READ, BLOCK_MILLIS),
        (read, failure) -> {
          if (number != attempt) {
            return;
          } else if (failure != null) {
            broken(number, failure);
          } else if (read.isEmpty()) {
            verify(number);
          } else if (deliver(read)) {
            await(number);
          }
        });
  }

  /** Delivers entries to the follower; false if entries before them are missing. */
  private boolean deliver(List<Read> read) {
    var stored = new ArrayList<Stored>(read.size());
    Gap.Reason why = null;
    for (Read entry : read) {
      long before = entry.stored().previous();
      if (before != cursor.offset()) {
        why = before > cursor.offset() ? Gap.Reason.REMOVED : Gap.Reason.EPOCH;
        break;
      }
      raiseOldest(entry.oldest());
      cursor = entry.stored();
      stored.add(cursor);
    }
    if (!stored.isEmpty() && !received(stored)) {
      why = Gap.Reason.REMOVED;
    }
    waiters.reached(cursor.offset());
    if (why != null) {
      lost(why);
    }
    return why == null;
  }

  /** Whether the follower accepted the records; if it throws, it has to read the log again. */
  private boolean received(List<Stored> stored) {
    try {
      follower.receive(stored);
      return true;
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "the records from Redis could not be applied", e);
      return false;
    }
  }

  /** The store has no records before the offset. */
  private void raiseOldest(long offset) {
    oldest.accumulateAndGet(offset, Math::max);
  }

  private void lost(Gap.Reason why) {
    nextAttempt();
    if (why == Gap.Reason.EPOCH) {
      oldest.set(0);
    }
    reportedReachable = false;
    Follower previous = follower;
    follower = null;
    previous.unreachable("records in Redis were lost");
    previous.lost(why);
  }
}
