package io.tidings.bus;

import io.tidings.log.LogUnavailable;
import io.tidings.memory.MemoryShare;
import io.tidings.memory.MinuteLimiter;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Admits publications while their memory share has room. Others wait in a FIFO queue and are
 * refused after a timeout. Waiting publications occupy memory too, so the queue has the same limit
 * as the share. Thread-safe.
 */
public final class Admission {
  private static final System.Logger LOG = System.getLogger(Admission.class.getName());
  private static final long POLL_MILLIS = 20;

  /** That of its owner: a timer of the caller's would end with the caller's verticle. */
  private final ContextInternal context;

  private final MemoryShare share;
  private final BooleanSupplier open;
  private final MinuteLimiter refusals;
  private final long patienceNanos;
  private final LongSupplier nanoTime;
  private final Deque<Waiting> queue = new ArrayDeque<>();
  private long waitingBytes;
  private boolean polling;

  private record Waiting(long bytes, Promise<Void> admitted, long deadline) {}

  /**
   * @param share the memory to acquire
   * @param open whether anything is admitted at the moment
   * @param refusals limits the log lines about refusals; shared by all instances
   * @param patience how long a publication waits
   */
  public Admission(
      Vertx vertx,
      MemoryShare share,
      BooleanSupplier open,
      MinuteLimiter refusals,
      Duration patience) {
    this(vertx, share, open, refusals, patience, System::nanoTime);
  }

  /**
   * @param nanoTime the clock that measures the patience, as {@link System#nanoTime}
   */
  Admission(
      Vertx vertx,
      MemoryShare share,
      BooleanSupplier open,
      MinuteLimiter refusals,
      Duration patience,
      LongSupplier nanoTime) {
    this.context = (ContextInternal) vertx.getOrCreateContext();
    this.share = share;
    this.open = open;
    this.refusals = refusals;
    this.patienceNanos = patience.toNanos();
    this.nanoTime = nanoTime;
  }

  /**
   * Acquires memory.
   *
   * @return completes when the bytes are acquired; then the caller must {@link #release} them.
   *     Fails with {@link LogUnavailable} if there is no room in time
   */
  public Future<Void> acquire(long bytes) {
    Promise<Void> admitted = Promise.promise();
    synchronized (this) {
      if (queue.isEmpty() && tryAcquire(bytes)) {
        return Future.succeededFuture();
      }
      if (waitingBytes + bytes <= share.limit() || queue.isEmpty()) {
        queue.add(new Waiting(bytes, admitted, nanoTime.getAsLong() + patienceNanos));
        waitingBytes += bytes;
        schedulePoll();
        return admitted.future();
      }
    }
    refuse(admitted);
    return admitted.future();
  }

  /** Releases acquired memory. */
  public void release(long bytes) {
    share.release(bytes);
  }

  private boolean tryAcquire(long bytes) {
    return open.getAsBoolean() && share.tryReserve(bytes);
  }

  private void schedulePoll() {
    if (!polling && !queue.isEmpty()) {
      polling = true;
      context.setTimer(POLL_MILLIS, timer -> admitWaiting());
    }
  }

  /** Admits as many as there is room for, in FIFO order, and refuses those that timed out. */
  private void admitWaiting() {
    var admitted = new ArrayDeque<Promise<Void>>();
    var refused = new ArrayDeque<Promise<Void>>();
    synchronized (this) {
      polling = false;
      long now = nanoTime.getAsLong();
      while (!queue.isEmpty()) {
        Waiting first = queue.peek();
        if (tryAcquire(first.bytes)) {
          admitted.add(first.admitted);
        } else if (now - first.deadline >= 0) {
          refused.add(first.admitted);
        } else {
          break;
        }
        queue.remove();
        waitingBytes -= first.bytes;
      }
      schedulePoll();
    }
    admitted.forEach(Promise::complete);
    refused.forEach(this::refuse);
  }

  private void refuse(Promise<Void> admitted) {
    long count = refusals.count(nanoTime.getAsLong());
    if (count > 0) {
      LOG.log(
          System.Logger.Level.WARNING,
          "memory is spent ({0} of {1} KiB for {2}): {3} publications were refused",
          share.used() / 1024,
          share.limit() / 1024,
          share.name(),
          count);
    }
    admitted.fail(new LogUnavailable("there is no memory for it now; it was not stored", null));
  }
}
