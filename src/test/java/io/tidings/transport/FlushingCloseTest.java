package io.tidings.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.DefaultPromise;
import io.tidings.CapturedLog;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FlushingCloseTest {
  /** Sends nothing, and counts how often it is closed. */
  private static final class Stuck extends ChannelOutboundHandlerAdapter {
    int closes;

    @Override
    public void flush(ChannelHandlerContext context) {
      // as a socket whose client does not read
    }

    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
      closes++;
      context.close(promise);
    }
  }

  private static final class Closing extends ChannelDuplexHandler {
    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
      FlushingClose.close(context, promise);
    }
  }

  @Test
  void aConnectionThatSendsNothingInTimeIsClosedOnce() {
    var stuck = new Stuck();
    var channel = new EmbeddedChannel(stuck, new Closing());
    channel.freezeTime();
    channel.write(Unpooled.copyInt(1));
    ChannelFuture closed = channel.pipeline().close();
    assertEquals(0, stuck.closes);
    try (var failures = new CapturedLog(DefaultPromise.class)) {
      channel.advanceTimeBy(2, TimeUnit.SECONDS);
      channel.runScheduledPendingTasks();
      channel.runPendingTasks();
      assertEquals(List.of(), failures.lines());
    }
    assertTrue(closed.isSuccess());
    assertEquals(1, stuck.closes);
  }
}
