package io.tidings;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerAdapter;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.tidings.fanout.Pace;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/**
 * Lets new connections in by small lots, the next when an event loop has taken the last one up and
 * then looked at its other sockets: thousands who come back at once, after a proxy's restart, must
 * not stand before those who listen. Belongs to one listening socket, confined to the loop that
 * accepts.
 */
final class Turnstile extends ChannelInboundHandlerAdapter {
  private static final int LARGEST_LOT = 16;

  private final Queue<Channel> waiting = new ArrayDeque<>();
  private final Pace pace = new Pace(LARGEST_LOT);
  private int inLot;

  @Override
  public void channelRead(ChannelHandlerContext context, Object accepted) {
    waiting.add((Channel) accepted);
    letIn(context);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    waiting.forEach(channel -> channel.unsafe().closeForcibly());
    waiting.clear();
    context.fireChannelInactive();
  }

  private void letIn(ChannelHandlerContext context) {
    while (inLot < pace.size() && !waiting.isEmpty()) {
      inLot++;
      Channel next = waiting.poll();
      if (inLot == pace.size()) {
        next.pipeline().addFirst(new Last(context));
      }
      context.fireChannelRead(next);
    }
  }

  private void nextLot(ChannelHandlerContext context, long took) {
    inLot = 0;
    pace.took(took);
    letIn(context);
  }

  /** Goes in with the last of a lot, and calls the next one. */
  private final class Last extends ChannelHandlerAdapter {
    private final ChannelHandlerContext acceptor;
    private final long began = System.nanoTime();

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
      acceptor.executor().execute(() -> nextLot(acceptor, System.nanoTime() - began));
    }
  }
}
