package io.tidings.transport;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import java.util.concurrent.TimeUnit;

/**
 * Closes connections after their pending writes have been sent, but no later than a second. Netty's
 * io_uring transport would discard pending writes on close and on shutdown of the output.
 */
final class FlushingClose {
  private static final long TIMEOUT_MILLIS = 1_000;

  private FlushingClose() {}

  static void close(ChannelHandlerContext context, ChannelPromise promise) {
    if (ChannelInternals.allSent(context.channel())) {
      context.close(promise);
      return;
    }
    var timeout =
        context
            .executor()
            .schedule(
                () -> ChannelInternals.closeAtOnce(context, promise),
                TIMEOUT_MILLIS,
                TimeUnit.MILLISECONDS);
    context
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(
            (ChannelFutureListener)
                flushed -> {
                  if (timeout.cancel(false)) { // a promise is for one close
                    context.close(promise);
                  }
                });
  }

  /**
   * Shuts down the output, and closes the connection when the client does. Closing at once while
   * the client is still sending would reset the connection, and the client might not see the
   * response.
   */
  static void linger(ChannelHandlerContext context) {
    context
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(flushed -> ((DuplexChannel) context.channel()).shutdownOutput());
    context.executor().schedule(() -> context.close(), TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
  }
}
