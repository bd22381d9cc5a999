package io.tidings.log.redis;

import io.tidings.event.CautiousClock;
import io.tidings.log.ExpiringRecord;
import io.tidings.log.ExpiringRecords;
import io.tidings.log.LogUnavailable;
import io.tidings.log.OutcomeUnknown;
import io.tidings.log.RecordFeed;
import io.tidings.log.RecordTable;
import io.tidings.log.TooManyRecords;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;

/**
 * The expiring records of hubs that share a log in Redis. They are in a stream of their own, which
 * every hub reads several times a second. State is confined to its own thread.
 *
 * <p>If Redis has lost records, as after a failover to a replica that lagged behind, a hub that
 * knows them stores them again.
 */
final class RedisRecords implements ExpiringRecords {
  private static final System.Logger LOG = System.getLogger(RedisRecords.class.getName());
  private static final long POLL_MILLIS = 250;
  private static final long RETRY_MILLIS = 1_000;

  /** So many are stored again at a time: they must not fill the queue for connections. */
  private static final int RESTORED_AT_ONCE = 100;

  private final RedisRecordStream stream;
  private final InstantSource clock;

  /** By which this hub forgets records. */
  private final CautiousClock ends;

  private final RecordFeed feed = new RecordFeed();
  private final SerialExecutor thread = new SerialExecutor("tidings-redis-records");

  /** The id of the last record that was read. */
  private String cursor = RedisRecordStream.BEGIN;

  private boolean polling;

  /** Whether the last attempt to read failed, which is logged once. */
  private boolean unread;

  /** What is to be stored again, since Redis has lost it. */
  private Iterator<ExpiringRecord> toRestore = Collections.emptyIterator();

  private boolean restoring;

  /** Whether the last attempt at that failed, which is logged once. */
  private boolean restoreFailed;

  /** Those who wait until what is stored now was read; they are completed also if that fails. */
  private List<Promise<Void>> waiting = new ArrayList<>();

  RedisRecords(RedisRecordStream stream, InstantSource clock) {
    this.stream = stream;
    this.clock = clock;
    this.ends = CautiousClock.of(clock);
  }

  /**
   * Reads all records; from then on, those of all hubs are followed. Succeeds also for a user who
   * may not use their keys: then no hub can store any.
   */
  Future<Void> open() {
    return loadAfter(RedisRecordStream.BEGIN)
        .recover(RedisRecords::withoutPermission)
        .onSuccess(loaded -> thread.every(POLL_MILLIS, this::poll));
  }

  private static Future<Void> withoutPermission(Throwable failure) {
    if (!RedisStream.isDenied(failure)) {
      return Future.failedFuture(failure);
    }
    LOG.log(
        System.Logger.Level.WARNING,
        "no token can be revoked, since the user in log.redis.url may not use the keys that begin with the stream''s name and :expiring: {0}",
        failure.getMessage());
    return Future.succeededFuture();
  }

  private Future<Void> loadAfter(String id) {
    return stream
        .after(id)
        .compose(
            read -> {
              read.records().forEach(feed::offer);
              thread.run(() -> cursor = read.end());
              return read.more() ? loadAfter(read.end()) : Future.succeededFuture();
            });
  }

  @Override
  public Future<ExpiringRecord> putIfAbsent(ExpiringRecord record) {
    return stream
        .putIfAbsent(record, clock.instant())
        .recover(e -> Future.failedFuture(unconfirmed(e)))
        .compose(
            first ->
                first
                    .map(stored -> caughtUp().map(stored))
                    .orElseGet(() -> Future.failedFuture(full())));
  }

  private static LogUnavailable unconfirmed(Throwable failure) {
    if (failure instanceof TooManyRecords refused) {
      return refused;
    }
    return RedisStream.isDenied(failure)
        ? new LogUnavailable(failure.getMessage() + "; nothing was stored", failure)
        : OutcomeUnknown.ofRecord("Redis did not confirm an expiring record", failure);
  }

  private static LogUnavailable full() {
    return new LogUnavailable(
        "there is no room for a further expiring record: at most %d of a kind, with %d bytes; nothing was stored"
            .formatted(RecordTable.MAX_RECORDS, RecordTable.MAX_BYTES),
        null);
  }

  @Override
  public void follow(String kind, Handler<ExpiringRecord> records) {
    feed.follow(kind, records);
  }

  /** Completes when what is stored now was read, or could not be. */
  private Future<Void> caughtUp() {
    Promise<Void> read = Promise.promise();
    thread.run(
        () -> {
          waiting.add(read);
          poll();
        });
    return read.future();
  }

  private void poll() {
    if (polling) {
      return;
    }
    polling = true;
    List<Promise<Void>> answered = waiting;
    waiting = new ArrayList<>();
    thread.onComplete(
        stream.after(cursor),
        (read, failure) -> {
          polling = false;
          report(failure);
          if (failure == null) {
            apply(read);
          }
          answered.forEach(Promise::tryComplete);
          if (!waiting.isEmpty() || failure == null && read.more()) {
            poll();
          }
        });
  }

  /** Logs when reading begins to fail, and when it succeeds again. */
  private void report(Throwable failure) {
    if (failure != null) {
      LOG.log(
          unread ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING,
          "this hub does not hear of revocations, since the expiring records can''t be read from Redis; tried again several times a second: {0}",
          failure.getMessage());
    } else if (unread) {
      LOG.log(System.Logger.Level.INFO, "the expiring records can be read from Redis again");
    }
    unread = failure != null;
  }

  private void apply(RedisRecordStream.Read read) {
    if (read.lost()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Redis has lost expiring records; those that this hub knows are stored again");
      cursor = RedisRecordStream.BEGIN;
      toRestore = feed.all().iterator();
      if (!restoring) {
        restore();
      }
      return;
    }
    feed.prune(ends.instant());
    read.records().forEach(feed::offer);
    cursor = read.end();
  }

  /** Stores some again, and then the others. */
  private void restore() {
    var some = new ArrayList<Future<?>>();
    while (toRestore.hasNext() && some.size() < RESTORED_AT_ONCE) {
      ExpiringRecord known = toRestore.next();
      if (known.until().isAfter(clock.instant())) {
        some.add(stream.putIfAbsent(known, clock.instant()));
      }
    }
    restoring = !some.isEmpty();
    if (restoring) {
      thread.onComplete(Future.join(some), (stored, failure) -> restored(failure));
    }
  }

  private void restored(Throwable failure) {
    boolean news = !restoreFailed;
    restoreFailed = failure != null;
    if (failure == null) {
      restore();
      return;
    }
    LOG.log(
        news ? System.Logger.Level.ERROR : System.Logger.Level.DEBUG,
        "expiring records that Redis has lost could not be stored again; tried again: {0}",
        failure.getMessage());
    toRestore = feed.all().iterator();
    thread.after(RETRY_MILLIS, this::restore);
  }

  void close() {
    thread.end();
  }
}
