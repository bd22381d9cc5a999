package io.tidings.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerAdapter;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * Passes new connections on in small batches; the next batch follows when an event loop has
 * registered the last connection of this one and then polled its other sockets. So thousands of
 * clients that reconnect at once, after a proxy's restart, do not delay existing streams. The batch
 * size is adapted so that the first requests of a batch together take {@link #BATCH_NANOS}; it
 * grows tenfold as the JVM warms up. One instance per listening socket, confined to its accepting
 * loop.
 */
public final class AcceptThrottle extends ChannelInboundHandlerAdapter {
  private static final int MAX_BATCH = 16;
  private static final long BATCH_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private final LongSupplier nanoTime;
  private final Queue<Channel> waiting = new ArrayDeque<>();

  /** The first requests of connections since the last batch; written by all event loops. */
  private final LongAdder requests = new LongAdder();

  /** The time that these requests took. */
  private final LongAdder nanos = new LongAdder();

  private int batchSize = 1;
  private int inBatch;

  /**
   * @param nanoTime a monotonic clock
   */
  AcceptThrottle(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object accepted) {
    waiting.add((Channel) accepted);
    passBatch(context);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    waiting.forEach(ChannelInternals::closeForcibly);
    waiting.clear();
    context.fireChannelInactive();
  }

  private void passBatch(ChannelHandlerContext context) {
    while (inBatch < batchSize && !waiting.isEmpty()) {
      inBatch++;
      Channel next = waiting.poll();
      next.pipeline().addFirst(new FirstRequestTimer());
      if (inBatch == batchSize) {
        next.pipeline().addFirst(new BatchEnd(context));
      }
      context.fireChannelRead(next);
    }
  }

  private void nextBatch(ChannelHandlerContext context) {
    long count = requests.sumThenReset();
    long total = nanos.sumThenReset();
    if (count > 0) {
      long fit = BATCH_NANOS * count / Math.max(1, total);
      batchSize = (int) Math.max(1, Math.min(fit, Math.min(MAX_BATCH, 2L * batchSize)));
    }
    inBatch = 0;
    passBatch(context);
  }

  /** Measures a connection's first request, and removes itself. */
  private final class FirstRequestTimer extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      context.pipeline().remove(this);
      long start = nanoTime.getAsLong();
      context.fireChannelRead(message);
      nanos.add(nanoTime.getAsLong() - start);
      requests.increment();
    }
  }

  /** Added to the last connection of a batch; triggers the next batch, and removes itself. */
  private final class BatchEnd extends ChannelHandlerAdapter {
    private final ChannelHandlerContext acceptor;

    BatchEnd(ChannelHandlerContext acceptor) {
      this.acceptor = acceptor;
    }

    /** Called when the channel has been registered with its event loop. */
    @Override
    public void handlerAdded(ChannelHandlerContext context) {
      context.pipeline().remove(this);
      // scheduled, since executed tasks run before the loop polls its sockets
      context.executor().schedule(this::triggerNext, 0, TimeUnit.NANOSECONDS);
    }

    private void triggerNext() {
      acceptor.executor().execute(() -> nextBatch(acceptor));
    }
  }
}
