package io.tidings.cluster;

import io.tidings.cluster.RedisStream.Read;
import io.tidings.log.Gap;
import io.tidings.log.RecordStore;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Keeps the records in a stream of Redis or Valkey, one entry for each event. What is here is
 * confined to a thread of its own.
 *
 * <p>One connection waits for what is added and is made anew when it breaks. Every entry names the
 * one before it, by which it is seen that nothing was missed, or that the stream is not the one it
 * was: after a failover to a replica that had not all of it.
 */
public final class RedisStore implements RecordStore {
  private static final int MOST_RECORDS = 100_000;
  private static final int RECORDS_A_READ = 1_000;
  private static final int BLOCK_MILLIS = 1_000;
  private static final long RECONNECT_MILLIS = 100;
  private static final long PROBE_MILLIS = 300;
  private static final long CLOSING_MILLIS = 500;

  private final RedisStream stream;
  private final OwnThread thread = new OwnThread("tidings-redis");

  private Follower follower;
  private Stored cursor;
  private RedisStream.Tail tail;

  /** Counts the attempts to follow; an answer to an earlier one is nobody's. */
  private int attempt;

  private boolean closed;
  private boolean connected = true;
  private boolean refusing;
  private boolean probing;
  private boolean reachable = true;
  private final Waiters waiters = new Waiters();
  private volatile long silentSince;
  private volatile long oldest;

  private RedisStore(RedisStream stream) {
    this.stream = stream;
  }

  /**
   * Opens the stream, which is made with the first record.
   *
   * @param clock tells what is too old
   * @return the store, when Redis answers
   */
  public static Future<RedisStore> open(Vertx vertx, Settings.Log settings, InstantSource clock) {
    var store = new RedisStore(new RedisStream(vertx, settings, clock));
    store.thread.every(PROBE_MILLIS, store::watch);
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
  public int mostRecords() {
    return MOST_RECORDS;
  }

  @Override
  public boolean safeWhenHeard() {
    return !stream.replicated();
  }

  @Override
  public Future<Void> add(List<Buffer> records) {
    Promise<Void> promise = Promise.promise();
    thread.take(
        stream.add(records),
        (nothing, failure) -> {
          refusing = failure != null;
          tellReachable();
          if (failure == null) {
            promise.complete();
          } else {
            promise.fail(failure);
          }
        });
    return promise.future();
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
                oldest = Math.max(oldest, read.get(0).stored().offset());
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
          attempt++;
          connect(attempt);
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
          tellWaiters();
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
    return oldest;
  }

  @Override
  public Future<Void> close() {
    Promise<Void> ended = Promise.promise();
    thread.run(
        () -> {
          closed = true;
          attempt++;
          if (tail == null) {
            ended.complete();
          } else {
            thread.take(
                tail.release().timeout(CLOSING_MILLIS, TimeUnit.MILLISECONDS),
                (nothing, failure) -> ended.complete());
          }
        });
    return ended
        .future()
        .eventually(
            () -> {
              thread.end();
              return stream.close();
            });
  }

  /** Connects, and waits on that connection for what comes. */
  private void connect(int number) {
    if (closed || number != attempt) {
      return;
    }
    thread.take(
        stream.tail(),
        (connection, failure) -> {
          if (failure != null) {
            broken(number);
          } else if (number != attempt) {
            connection.close();
          } else {
            replaceTail(connection);
            verify(number);
          }
        });
  }

  private void replaceTail(RedisStream.Tail by) {
    if (tail != null) {
      tail.close();
    }
    tail = by;
  }

  private void broken(int number) {
    if (closed || number != attempt) {
      return;
    }
    connected = false;
    silentSince = silentSince == 0 ? System.nanoTime() : silentSince;
    attempt++;
    replaceTail(null);
    tellReachable();
    int next = attempt;
    thread.after(RECONNECT_MILLIS, () -> connect(next));
  }

  /** Sees whether the stream is the one that was followed. */
  private void verify(int number) {
    thread.take(
        tail.same(cursor),
        (same, failure) -> {
          if (number != attempt) {
            return;
          } else if (failure != null) {
            broken(number);
          } else if (!same) {
            lost(Gap.Reason.EPOCH);
          } else {
            connected = true;
            silentSince = 0;
            tellReachable();
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
            broken(number);
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
      oldest = Math.max(oldest, one.oldest());
      cursor = one.stored();
      stored.add(cursor);
    }
    if (!stored.isEmpty()) {
      follower.hear(stored);
    }
    tellWaiters();
    if (why != null) {
      lost(why);
    }
    return why == null;
  }

  private void lost(Gap.Reason why) {
    attempt++;
    if (why == Gap.Reason.EPOCH) {
      oldest = 0;
    }
    Follower told = follower;
    follower = null;
    told.lost(why);
  }

  /** Finds out whether it can be written again, and who has waited too long. */
  private void watch() {
    waiters.giveUpLate();
    if (refusing && follower != null && !probing && !closed) {
      probing = true;
      thread.take(add(List.of(follower.nothing())), (added, failure) -> probing = false);
    }
  }

  private void tellWaiters() {
    long at = cursor == null ? 0 : cursor.offset();
    waiters.reached(at);
  }

  private void tellReachable() {
    boolean now = connected && !refusing;
    if (now != reachable && follower != null) {
      reachable = now;
      follower.reachable(now);
    }
  }
}
