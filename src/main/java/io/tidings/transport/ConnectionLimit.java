package io.tidings.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Limits the connections of one listening socket. A connection beyond the limit is closed before
 * anything is read from it, and clients reconnect later. If accepting fails, for lack of file
 * descriptors, it is paused: an immediate retry would fail again, and with io_uring it would occupy
 * the loop. Confined to the accepting loop, whose clock it uses, except for the count.
 */
final class ConnectionLimit extends ChannelInboundHandlerAdapter {
  private static final System.Logger LOG = System.getLogger(ConnectionLimit.class.getName());
  private static final long PAUSE_MILLIS = 100;

  /** How long accepting must have succeeded before a failure is logged again. */
  private static final long LOG_INTERVAL_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** The fraction of the limit below which the next refusal is logged again. */
  private static final double RELIEF_FACTOR = 0.9;

  private final int limit;
  private final AtomicInteger open = new AtomicInteger();
  private boolean limitLogged;
  private boolean paused;
  private boolean failedBefore;
  private long failedNanos;

  ConnectionLimit(int limit) {
    this.limit = limit;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object accepted) {
    var channel = (Channel) accepted;
    if (open.get() >= limit) {
      ChannelInternals.closeForcibly(channel);
      logRefusal();
      return;
    }
    if (limitLogged && open.get() < limit * RELIEF_FACTOR) {
      limitLogged = false;
    }
    open.incrementAndGet();
    channel.closeFuture().addListener(closed -> open.decrementAndGet());
    context.fireChannelRead(accepted);
  }

  private void logRefusal() {
    if (!limitLogged) {
      limitLogged = true;
      LOG.log(
          Level.WARNING,
          "the limit of {0} connections is reached, further ones are closed (http.connections)",
          Integer.toString(limit));
    }
  }

  /** Called when accepting fails. */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    long now = context.executor().ticker().nanoTime();
    boolean again = failedBefore && now - failedNanos < LOG_INTERVAL_NANOS;
    failedBefore = true;
    failedNanos = now;
    if (!again) {
      LOG.log(
          Level.WARNING,
          "accepting connections failed and will be retried: {0}",
          cause.getMessage());
    }
    if (!paused) {
      paused = true;
      context.channel().config().setAutoRead(false);
      context.executor().schedule(() -> resume(context), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void resume(ChannelHandlerContext context) {
    paused = false;
    if (context.channel().isOpen()) {
      context.channel().config().setAutoRead(true);
    }
  }
}
