package io.tidings.transport;

import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Closes connections whose clients are gone in small batches; between two batches the event loop
 * polls its other sockets. So thousands of clients that disappear at once do not delay the streams
 * that stay. Confined to one event loop.
 */
final class CloseThrottle {
  /** Closing one, with all handlers that are called for it, takes about 30 microseconds. */
  private static final int BATCH = 32;

  private final Queue<ChannelHandlerContext> waiting = new ArrayDeque<>();
  private int inBatch;
  private boolean scheduled;

  /** Closes connections by a throttle of their event loop. */
  static Consumer<ChannelHandlerContext> ofEachLoop() {
    var throttles =
        new FastThreadLocal<CloseThrottle>() {
          @Override
          protected CloseThrottle initialValue() {
            return new CloseThrottle();
          }
        };
    return context -> throttles.get().close(context);
  }

  /** Closes the connection, now or in a later batch. */
  void close(ChannelHandlerContext context) {
    if (inBatch < BATCH) {
      inBatch++;
      context.close();
    } else {
      waiting.add(context);
    }
    if (!scheduled) {
      scheduled = true;
      // scheduled, since executed tasks run before the loop polls its sockets
      context.executor().schedule(this::nextBatch, 0, TimeUnit.NANOSECONDS);
    }
  }

  private void nextBatch() {
    scheduled = false;
    inBatch = 0;
    for (int i = Math.min(BATCH, waiting.size()); i > 0; i--) {
      close(waiting.poll());
    }
  }
}
