package io.tidings.fanout;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringSocketChannel;

/**
 * What the kernel is told about a stream's socket. NIO has none of these options: there a small
 * send buffer bounds what can't be sent, and nobody is given up.
 */
final class SocketOptions {
  private SocketOptions() {}

  /**
   * Takes no more than so many bytes that can't be sent yet. It bounds what a slow client costs,
   * tells early and in small steps how it gets on, and leaves a far client its window, which a
   * small send buffer would not. See tcp(7), TCP_NOTSENT_LOWAT.
   */
  static void boundUnsent(Channel channel, int bytes) {
    long most = bytes;
    if (channel instanceof NioSocketChannel && channel.isOpen()) {
      channel.config().setOption(ChannelOption.SO_SNDBUF, bytes);
    }
    set(
        channel,
        EpollChannelOption.TCP_NOTSENT_LOWAT,
        IoUringChannelOption.TCP_NOTSENT_LOWAT,
        most);
  }

  /**
   * Gives up a peer that has acknowledged nothing for so long, though something was sent to it; 0
   * for much later.
   */
  static void giveUpAfter(Channel channel, int millis) {
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
