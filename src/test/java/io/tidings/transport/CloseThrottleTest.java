package io.tidings.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CloseThrottleTest {
  private final MultiThreadIoEventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
  private final CloseThrottle throttle = new CloseThrottle();

  @AfterEach
  void stop() {
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private List<ChannelHandlerContext> open(int count) throws Exception {
    var contexts = new ArrayList<ChannelHandlerContext>();
    for (int i = 0; i < count; i++) {
      var channel = new LocalChannel();
      channel.pipeline().addLast("last", new ChannelInboundHandlerAdapter());
      assertTrue(loop.register(channel).await(10, TimeUnit.SECONDS));
      contexts.add(channel.pipeline().context("last"));
    }
    return contexts;
  }

  private static long closed(List<ChannelHandlerContext> contexts) {
    return contexts.stream().filter(context -> !context.channel().isOpen()).count();
  }

  private long closeAll(List<ChannelHandlerContext> contexts) throws Exception {
    return loop.submit(
            () -> {
              contexts.forEach(throttle::close);
              return closed(contexts);
            })
        .get(10, TimeUnit.SECONDS);
  }

  @Test
  void aConnectionIsClosedAtOnceAndThousandsOneBatchAfterAnother() throws Exception {
    assertEquals(1, closeAll(open(1)));
    List<ChannelHandlerContext> many = open(2_000);
    assertTrue(closeAll(many) <= 32, "closed at once");
    for (ChannelHandlerContext context : many) {
      assertTrue(context.channel().closeFuture().await(10, TimeUnit.SECONDS));
    }
  }

  @Test
  void tasksThatAreSubmittedMeanwhileRunBeforeAllAreClosed() throws Exception {
    List<ChannelHandlerContext> many = open(2_000);
    var after = new CompletableFuture<Long>();
    loop.execute(
        () -> {
          many.forEach(throttle::close);
          loop.execute(() -> after.complete(closed(many)));
        });
    assertTrue(after.get(10, TimeUnit.SECONDS) < many.size(), after + " closed before");
  }
}
