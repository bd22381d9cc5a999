package io.tidings.log;

import io.tidings.event.CautiousClock;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The expiring records of a single node's log. Records are stored on a thread of their own, all
 * that wait at once; followers are told when they are durable. Thread-safe.
 */
public final class LocalRecords implements ExpiringRecords {
  private static final System.Logger LOG = System.getLogger(LocalRecords.class.getName());
  private static final long IDLE_SECONDS = 10;

  private final RecordFeed feed = new RecordFeed();
  private final RecordStorage storage;
  private final CautiousClock clock;
  private final ExecutorService thread;

  /** Guarded by itself. */
  private final List<Pending> pending = new ArrayList<>();

  /** Whether the storage is released. On the thread that stores. */
  private boolean released;

  private record Pending(ExpiringRecord record, Promise<ExpiringRecord> promise) {}

  private LocalRecords(RecordStorage storage, CautiousClock clock, ExecutorService thread) {
    this.storage = storage;
    this.clock = clock;
    this.thread = thread;
  }

  /**
   * Records that are lost when the process ends.
   *
   * @param clock by which they end
   */
  public static LocalRecords inMemory(CautiousClock clock) {
    return stored(List.of(), RecordStorage.NONE, clock);
  }

  /**
   * Records that are kept.
   *
   * @param existing those in the storage
   * @param clock by which they end
   */
  public static LocalRecords stored(
      List<ExpiringRecord> existing, RecordStorage storage, CautiousClock clock) {
    return stored(existing, storage, clock, thread());
  }

  /**
   * As the other one.
   *
   * @param thread on which records are stored, one task after the other; ended by {@link #close}
   */
  public static LocalRecords stored(
      List<ExpiringRecord> existing,
      RecordStorage storage,
      CautiousClock clock,
      ExecutorService thread) {
    var records = new LocalRecords(storage, clock, thread);
    existing.forEach(records.feed::offer);
    if (!existing.isEmpty()) {
      // what was read may not be on the disk: the previous process may have failed to force it
      thread.execute(records::settle);
    }
    return records;
  }

  /** A thread that exists while there is something to do. */
  private static ExecutorService thread() {
    return new ThreadPoolExecutor(
        0,
        1,
        IDLE_SECONDS,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(),
        task -> {
          var worker = new Thread(task, "tidings-log-records");
          worker.setDaemon(true);
          return worker;
        });
  }

  @Override
  public Future<ExpiringRecord> putIfAbsent(ExpiringRecord record) {
    Promise<ExpiringRecord> promise = Promise.promise();
    synchronized (pending) {
      pending.add(new Pending(record, promise));
    }
    try {
      thread.execute(this::storeAll);
    } catch (RejectedExecutionException e) {
      promise.tryFail(closed(e));
    }
    return promise.future();
  }

  private static LogUnavailable closed(Throwable cause) {
    return new LogUnavailable("the log is closed; nothing was stored", cause);
  }

  @Override
  public void follow(String kind, Handler<ExpiringRecord> records) {
    feed.follow(kind, records);
  }

  /** Stores all that wait. */
  private void storeAll() {
    List<Pending> group;
    synchronized (pending) {
      group = List.copyOf(pending);
      pending.clear();
    }
    if (group.isEmpty()) {
      return;
    } else if (released) { // added while the log was closed
      group.forEach(one -> one.promise.tryFail(closed(null)));
      return;
    }
    try {
      store(group);
    } catch (RuntimeException | Error e) {
      group.forEach(one -> one.promise.tryFail(e));
      throw e;
    }
  }

  private void store(List<Pending> group) {
    feed.prune(clock.instant());
    var fresh = new RecordTable();
    var answers = new ArrayList<Runnable>();
    for (Pending one : group) {
      ExpiringRecord record = one.record;
      Optional<ExpiringRecord> first =
          feed.find(record.kind(), record.key()).or(() -> fresh.find(record.kind(), record.key()));
      if (first.isPresent()) {
        answers.add(() -> one.promise.tryComplete(first.get()));
      } else if (feed.known().hasRoom(record, fresh)) {
        fresh.put(record);
        answers.add(() -> one.promise.tryComplete(record));
      } else {
        one.promise.tryFail(feed.known().refusal(record, fresh));
      }
    }
    try {
      add(fresh.all());
      fresh.all().forEach(feed::offer);
      answers.forEach(Runnable::run);
    } catch (LogUnavailable e) {
      group.forEach(one -> one.promise.tryFail(e));
    }
  }

  private void add(List<ExpiringRecord> fresh) {
    if (fresh.isEmpty()) {
      return;
    }
    try {
      if (storage.mustBeReplaced(feed.known().bytes())) {
        storage.replace(feed.all());
      }
    } catch (IOException e) {
      throw notStored(e);
    }
    try {
      storage.add(fresh);
    } catch (IOException e) {
      throw settle()
          ? notStored(e)
          : OutcomeUnknown.ofRecord(
              "an expiring record could not be written: " + e.getMessage(), e);
    }
  }

  private static LogUnavailable notStored(IOException cause) {
    return new LogUnavailable(
        "an expiring record could not be written: " + cause.getMessage() + "; nothing was stored",
        cause);
  }

  /** Makes the storage have just what is known. Returns whether that succeeded. */
  private boolean settle() {
    try {
      storage.replace(feed.all());
      return true;
    } catch (IOException e) {
      LOG.log(
          System.Logger.Level.ERROR,
          "the expiring records could not be written; retried with the next one: {0}",
          e.getMessage());
      return false;
    }
  }

  /** Stores what waits, and releases the storage. */
  public Future<Void> close() {
    Promise<Void> closed = Promise.promise();
    try {
      thread.execute(
          () -> {
            storeAll();
            released = true;
            try {
              storage.close();
              closed.complete();
            } catch (IOException e) {
              closed.fail(e);
            }
          });
    } catch (RejectedExecutionException e) {
      closed.complete(); // closed before
    }
    thread.shutdown();
    return closed.future();
  }
}
