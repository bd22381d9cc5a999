package io.tidings.fanout;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringSocketChannel;
import io.vertx.core.transport.Transport;

/**
 * Sets kernel options of a stream's socket. NIO supports none of them: there a small send buffer
 * bounds the unsent bytes, and no peer is timed out. The native transports are optional
 * dependencies; the classes of one are used only where they are on the class path.
 */
final class SocketOptions {
  private static final boolean IO_URING = Transport.IO_URING != null;
  private static final boolean EPOLL = Transport.EPOLL != null;

  private SocketOptions() {}

  /**
   * Limits how many bytes that can't be sent yet the kernel accepts. This bounds the memory of a
   * slow client and reports its progress early and in small steps, without limiting the window of a
   * distant client as a small send buffer would. See tcp(7), TCP_NOTSENT_LOWAT.
   */
  static void limitUnsent(Channel channel, int bytes) {
    if (!channel.isOpen()) {
      return;
    }
    if (channel instanceof NioSocketChannel) {
      channel.config().setOption(ChannelOption.SO_SNDBUF, bytes);
    } else if (IO_URING && channel instanceof IoUringSocketChannel) {
      channel.config().setOption(IoUringChannelOption.TCP_NOTSENT_LOWAT, (long) bytes);
    } else if (EPOLL && channel instanceof EpollSocketChannel) {
      channel.config().setOption(EpollChannelOption.TCP_NOTSENT_LOWAT, (long) bytes);
    }
  }

  /**
   * Sets after how long the kernel closes a connection whose peer has not acknowledged data that
   * was sent; 0 for the kernel's default, which is much longer.
   */
  static void userTimeout(Channel channel, int millis) {
    if (!channel.isOpen()) {
      return;
    }
    if (IO_URING && channel instanceof IoUringSocketChannel) {
      channel.config().setOption(IoUringChannelOption.TCP_USER_TIMEOUT, millis);
    } else if (EPOLL && channel instanceof EpollSocketChannel) {
      channel.config().setOption(EpollChannelOption.TCP_USER_TIMEOUT, millis);
    }
  }
}
