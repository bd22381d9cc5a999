package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TurnstileTest {
  private static final int CLIENTS = 100;

  private final MultiThreadIoEventLoopGroup acceptor = group();
  private final MultiThreadIoEventLoopGroup worker = group();
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
  void aBusyLoopIsGivenOneLotAndInTheEndEverybody() throws Exception {
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
                            .addLast(new Turnstile())
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
    assertEquals(1, letIn.get()); // how long a request takes is not known yet
    busy.countDown();
    assertTrue(served.tryAcquire(CLIENTS, 10, TimeUnit.SECONDS));
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
