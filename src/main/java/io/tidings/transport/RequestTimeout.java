package io.tidings.transport;

import io.netty.channel.ChannelHandlerContext;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Closes a connection that has not sent a whole request head in time. Vert.x's idle timeout does
 * not do that: a head that arrives byte by byte keeps the connection from being idle. Confined to
 * the connection's event loop, whose clock it uses.
 */
final class RequestTimeout {
  private final long timeoutNanos;

  /** Whether the connection is waiting for a request. */
  private final BooleanSupplier waiting;

  private long startNanos;

  /** The timer, which keeps the connection in memory; null if there is none. */
  private Future<?> timer;

  /**
   * @param timeout zero for none
   * @param waiting whether the connection is waiting for a request
   */
  RequestTimeout(Duration timeout, BooleanSupplier waiting) {
    this.timeoutNanos = timeout.toNanos();
    this.waiting = waiting;
  }

  /** Starts the time anew; the connection is waiting for its next request from now on. */
  void restart(ChannelHandlerContext context) {
    startNanos = nanoTime(context);
    if (timer == null && timeoutNanos > 0 && context.channel().isOpen()) {
      schedule(context, timeoutNanos);
    }
  }

  /** The connection has been closed. */
  void stop() {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }

  private void schedule(ChannelHandlerContext context, long nanos) {
    timer = context.executor().schedule(() -> check(context), nanos, TimeUnit.NANOSECONDS);
  }

  private void check(ChannelHandlerContext context) {
    timer = null;
    if (!waiting.getAsBoolean() || !context.channel().isOpen()) {
      return;
    }
    long left = timeoutNanos - (nanoTime(context) - startNanos);
    if (left > 0) {
      schedule(context, left);
    } else {
      context.close();
    }
  }

  /** The time by which the executor's timers run. */
  private static long nanoTime(ChannelHandlerContext context) {
    return context.executor().ticker().nanoTime();
  }
}
