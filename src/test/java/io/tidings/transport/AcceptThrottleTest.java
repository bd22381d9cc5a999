package io.tidings.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AcceptThrottleTest {
  private static final int CLIENTS = 100;

  private final MultiThreadIoEventLoopGroup acceptor = group();
  private final MultiThreadIoEventLoopGroup worker = group();
  private final AtomicLong now = new AtomicLong();
  private final List<Socket> clients = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (Socket client : clients) {
      client.close();
    }
    acceptor.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    worker.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
  }

  @Test
  void aBusyLoopGetsOneBatchAndFinallyAllConnections() throws Exception {
    var came = new Semaphore(0);
    var letIn = new AtomicInteger();
    var served = new Semaphore(0);
    var busy = new CountDownLatch(1);
    Channel server =
        new ServerBootstrap()
            .group(acceptor, worker)
            .channel(NioServerSocketChannel.class)
            .handler(
                initializer(
                    listening ->
                        listening
                            .pipeline()
                            .addLast(onRead(came::release))
                            .addLast(new AcceptThrottle(System::nanoTime))
                            .addLast(onRead(letIn::incrementAndGet))))
            .childHandler(initializer(accepted -> served.release()))
            .bind(new InetSocketAddress("127.0.0.1", 0))
            .sync()
            .channel();
    worker.execute(
        () -> {
          try {
            busy.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    int port = ((InetSocketAddress) server.localAddress()).getPort();
    for (int i = 0; i < CLIENTS; i++) {
      clients.add(new Socket("127.0.0.1", port));
    }
    assertTrue(came.tryAcquire(CLIENTS, 10, TimeUnit.SECONDS));
    assertEquals(1, letIn.get()); // the duration of a request is not known yet
    busy.countDown();
    assertTrue(served.tryAcquire(CLIENTS, 10, TimeUnit.SECONDS));
  }

  @Test
  void batchesGrowWhileRequestsAreFast() {
    assertEquals(List.of(1, 2, 4, 8, 16, 16), lots(47, Duration.ZERO));
  }

  @Test
  void batchesStaySmallWhileRequestsAreSlow() {
    assertEquals(List.of(1, 1, 1, 1), lots(4, Duration.ofMillis(3)));
  }

  @Test
  void batchesShrinkWhenRequestsBecomeSlower() {
    var turnstile = new EmbeddedChannel(new AcceptThrottle(now::get));
    assertEquals(List.of(1, 2, 4, 8), lots(turnstile, 15, Duration.ZERO));
    assertEquals(List.of(16, 1, 1), lots(turnstile, 18, Duration.ofMillis(3)));
  }

  private List<Integer> lots(int connections, Duration request) {
    return lots(new EmbeddedChannel(new AcceptThrottle(now::get)), connections, request);
  }

  /** Returns the sizes of the batches if each connection's first request takes the given time. */
  private List<Integer> lots(EmbeddedChannel turnstile, int connections, Duration request) {
    for (int i = 0; i < connections; i++) {
      turnstile.writeOneInbound(
          new EmbeddedChannel(onRead(() -> now.addAndGet(request.toNanos()))));
    }
    var lots = new ArrayList<Integer>();
    while (!turnstile.inboundMessages().isEmpty()) {
      var lot = new ArrayList<EmbeddedChannel>();
      for (EmbeddedChannel in = turnstile.readInbound(); in != null; in = turnstile.readInbound()) {
        lot.add(in);
      }
      lot.forEach(connection -> connection.writeInbound("request"));
      lot.forEach(EmbeddedChannel::runScheduledPendingTasks);
      turnstile.runPendingTasks();
      lots.add(lot.size());
    }
    return lots;
  }

  private static MultiThreadIoEventLoopGroup group() {
    return new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  }

  private interface Init {
    void on(Channel channel);
  }

  private static ChannelInitializer<Channel> initializer(Init init) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        init.on(channel);
      }
    };
  }

  private static ChannelInboundHandlerAdapter onRead(Runnable action) {
    return new ChannelInboundHandlerAdapter() {
      @Override
      public void channelRead(ChannelHandlerContext context, Object message) {
        action.run();
        context.fireChannelRead(message);
      }
    };
  }
}
