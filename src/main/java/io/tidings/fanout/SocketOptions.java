package io.tidings.fanout;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringSocketChannel;

/**
 * Sets kernel options of a stream's socket. NIO supports none of them: there a small send buffer
 * bounds the unsent bytes, and no peer is timed out.
 */
final class SocketOptions {
  private SocketOptions() {}

  /**
   * Limits how many bytes that can't be sent yet the kernel accepts. This bounds the memory of a
   * slow client and reports its progress early and in small steps, without limiting the window of a
   * distant client as a small send buffer would. See tcp(7), TCP_NOTSENT_LOWAT.
   */
  static void limitUnsent(Channel channel, int bytes) {
    if (channel instanceof NioSocketChannel && channel.isOpen()) {
      channel.config().setOption(ChannelOption.SO_SNDBUF, bytes);
    }
    set(
        channel,
        EpollChannelOption.TCP_NOTSENT_LOWAT,
        IoUringChannelOption.TCP_NOTSENT_LOWAT,
        (long) bytes);
  }

  /**
   * Sets after how long the kernel closes a connection whose peer has not acknowledged data that
   * was sent; 0 for the kernel's default, which is much longer.
   */
  static void userTimeout(Channel channel, int millis) {
    set(
        channel,
        EpollChannelOption.TCP_USER_TIMEOUT,
        IoUringChannelOption.TCP_USER_TIMEOUT,
        millis);
  }

  private static <T> void set(
      Channel channel, ChannelOption<T> epoll, ChannelOption<T> ioUring, T value) {
    if (!channel.isOpen()) {
      return;
    }
    if (channel instanceof IoUringSocketChannel) {
      channel.config().setOption(ioUring, value);
    } else if (channel instanceof EpollSocketChannel) {
      channel.config().setOption(epoll, value);
    }
  }
}
