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
 * Lets new connections in by small lots, the next when an event loop has taken the last one up and
 * then looked at its other sockets: thousands who come back at once, after a proxy's restart, must
 * not stand before those who listen. A lot is as large as its first requests together take a moment
 * only, which is ten times as many once the JVM is warm. Belongs to one listening socket, confined
 * to the loop that accepts.
 */
public final class AcceptThrottle extends ChannelInboundHandlerAdapter {
  private static final int LARGEST_LOT = 16;
  private static final long LOT_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private final LongSupplier clock;
  private final Queue<Channel> waiting = new ArrayDeque<>();

  /** How many first requests there were since the last lot, and what they took. */
  private final LongAdder requests = new LongAdder();

  private final LongAdder nanos = new LongAdder();
  private int lot = 1;
  private int inLot;

  /** Makes one with that clock: nanoseconds that only ever grow. */
  AcceptThrottle(LongSupplier clock) {
    this.clock = clock;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object accepted) {
    waiting.add((Channel) accepted);
    letIn(context);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    waiting.forEach(ChannelInternals::closeForcibly);
    waiting.clear();
    context.fireChannelInactive();
  }

  private void letIn(ChannelHandlerContext context) {
    while (inLot < lot && !waiting.isEmpty()) {
      inLot++;
      Channel next = waiting.poll();
      next.pipeline().addFirst(new Timing());
      if (inLot == lot) {
        next.pipeline().addFirst(new Last(context));
      }
      context.fireChannelRead(next);
    }
  }

  private void nextLot(ChannelHandlerContext context) {
    long count = requests.sumThenReset();
    long took = nanos.sumThenReset();
    if (count > 0) {
      long fit = LOT_NANOS * count / Math.max(1, took);
      lot = (int) Math.max(1, Math.min(fit, Math.min(LARGEST_LOT, 2L * lot)));
    }
    inLot = 0;
    letIn(context);
  }

  /** Takes the time of a connection's first request, and goes. */
  private final class Timing extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      context.pipeline().remove(this);
      long began = clock.getAsLong();
      context.fireChannelRead(message);
      nanos.add(clock.getAsLong() - began);
      requests.increment();
    }
  }

  /** Goes in with the last of a lot, and calls the next one. */
  private final class Last extends ChannelHandlerAdapter {
    private final ChannelHandlerContext acceptor;

    Last(ChannelHandlerContext acceptor) {
      this.acceptor = acceptor;
    }

    /** The channel's loop has taken it up. */
    @Override
    public void handlerAdded(ChannelHandlerContext context) {
      context.pipeline().remove(this);
      // not at once, nor by execute: what is executed runs before the loop looks at its sockets
      context.executor().schedule(this::callNext, 0, TimeUnit.NANOSECONDS);
    }

    private void callNext() {
      acceptor.executor().execute(() -> nextLot(acceptor));
    }
  }
}
