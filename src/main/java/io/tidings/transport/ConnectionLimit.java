package io.tidings.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bounds the connections of one listening socket: one too many is closed before anything is read of
 * it, after which every client comes back later. Where the kernel has no more file descriptors all
 * the same, accepting rests for a moment; to try at once would only fail again, and io_uring would
 * do nothing else. Confined to the loop that accepts, but for the count.
 */
final class ConnectionLimit extends ChannelInboundHandlerAdapter {
  private static final System.Logger LOG = System.getLogger(ConnectionLimit.class.getName());
  private static final long REST_MILLIS = 100;

  /** For how long accepting must have worked before a failure is told again. */
  private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** How much must have become free before the next refusal is told again. */
  private static final double RELIEF = 0.9;

  private final int limit;
  private final AtomicInteger open = new AtomicInteger();
  private boolean full;
  private boolean resting;
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
      refused();
      return;
    }
    if (full && open.get() < limit * RELIEF) {
      full = false;
    }
    open.incrementAndGet();
    channel.closeFuture().addListener(closed -> open.decrementAndGet());
    context.fireChannelRead(accepted);
  }

  private void refused() {
    if (!full) {
      full = true;
      LOG.log(
          Level.WARNING,
          "there are {0} connections, and further ones are closed (http.connections)",
          Integer.toString(limit));
    }
  }

  /** What accepting fails with. */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    long now = System.nanoTime();
    boolean again = failedBefore && now - failedNanos < QUIET_NANOS;
    failedBefore = true;
    failedNanos = now;
    if (!again) {
      LOG.log(
          Level.WARNING,
          "connections can''t be accepted, which is tried again: {0}",
          cause.getMessage());
    }
    if (!resting) {
      resting = true;
      context.channel().config().setAutoRead(false);
      context.executor().schedule(() -> resume(context), REST_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void resume(ChannelHandlerContext context) {
    resting = false;
    if (context.channel().isOpen()) {
      context.channel().config().setAutoRead(true);
    }
  }
}
