package io.tidings.bus;

import io.tidings.log.LogUnavailable;
import io.tidings.memory.MemoryShare;
import io.tidings.memory.MinuteLimiter;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BooleanSupplier;

/**
 * Lets in what publishes as long as there is memory for it. Who finds none waits in line, for a
 * while, and then is refused. What waits is in memory too, so no more may wait than may be let in.
 * Any thread.
 */
public final class Admission {
  private static final System.Logger LOG = System.getLogger(Admission.class.getName());
  private static final long LOOK_MILLIS = 20;

  private final Vertx vertx;
  private final MemoryShare share;
  private final BooleanSupplier open;
  private final MinuteLimiter refusals;
  private final long patienceNanos;
  private final Deque<Waiting> line = new ArrayDeque<>();
  private long waitingBytes;
  private boolean looking;

  /** One who waits. */
  private record Waiting(long bytes, Promise<Void> admitted, long until) {}

  /**
   * @param share of the memory that is taken
   * @param open whether anybody may be let in at all
   * @param refusals of all who refuse, which are reported together
   * @param patience how long one waits
   */
  public Admission(
      Vertx vertx,
      MemoryShare share,
      BooleanSupplier open,
      MinuteLimiter refusals,
      Duration patience) {
    this.vertx = vertx;
    this.share = share;
    this.open = open;
    this.refusals = refusals;
    this.patienceNanos = patience.toNanos();
  }

  /**
   * Asks for so many bytes.
   *
   * @return completes when they are taken, and then they must be given back by {@link #leave};
   *     fails with {@link LogUnavailable} where there is no room in time
   */
  public Future<Void> enter(long bytes) {
    Promise<Void> admitted = Promise.promise();
    synchronized (this) {
      if (line.isEmpty() && take(bytes)) {
        return Future.succeededFuture();
      }
      if (waitingBytes + bytes <= share.limit() || line.isEmpty()) {
        line.add(new Waiting(bytes, admitted, System.nanoTime() + patienceNanos));
        waitingBytes += bytes;
        look();
        return admitted.future();
      }
    }
    refuse(admitted);
    return admitted.future();
  }

  /** Gives back what was taken. */
  public void leave(long bytes) {
    share.give(bytes);
  }

  private boolean take(long bytes) {
    return open.getAsBoolean() && share.tryTake(bytes);
  }

  private void look() {
    if (!looking && !line.isEmpty()) {
      looking = true;
      vertx.setTimer(LOOK_MILLIS, timer -> letIn());
    }
  }

  /** Lets in whom there is room for, in their order, and refuses those who have waited too long. */
  private void letIn() {
    var admitted = new ArrayDeque<Promise<Void>>();
    var refused = new ArrayDeque<Promise<Void>>();
    synchronized (this) {
      looking = false;
      long now = System.nanoTime();
      while (!line.isEmpty()) {
        Waiting first = line.peek();
        if (take(first.bytes)) {
          admitted.add(first.admitted);
        } else if (now - first.until >= 0) {
          refused.add(first.admitted);
        } else {
          break;
        }
        line.remove();
        waitingBytes -= first.bytes;
      }
      look();
    }
    admitted.forEach(Promise::complete);
    refused.forEach(this::refuse);
  }

  private void refuse(Promise<Void> admitted) {
    long count = refusals.count(System.nanoTime());
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
