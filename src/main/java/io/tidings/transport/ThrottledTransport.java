package io.tidings.transport;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.InternetProtocolFamily;
import io.vertx.core.datagram.DatagramSocketOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.TcpConfig;
import io.vertx.core.spi.transport.Transport;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;

/**
 * Decorates a transport: each listening socket gets a {@link ConnectionLimit} and an {@link
 * AcceptThrottle}, and each HTTP/1 connection a {@link ConnectionGuard}. Connections whose clients
 * are gone are closed by a {@link DisconnectThrottle} of each io_uring event loop, and by a {@link
 * CloseThrottle} with the other transports.
 *
 * @param connections the limit of connections of a listening socket
 * @param idle the time limit for receiving a request head; zero for none
 */
public record ThrottledTransport(
    io.vertx.core.transport.Transport delegate, int connections, Duration idle)
    implements io.vertx.core.transport.Transport {
  @Override
  public String name() {
    return delegate.name();
  }

  @Override
  public boolean available() {
    return delegate.available();
  }

  @Override
  public Throwable unavailabilityCause() {
    return delegate.unavailabilityCause();
  }

  @Override
  public Transport implementation() {
    return new Implementation(
        delegate.implementation(), connections, idle, delegate.name().equals("io_uring"));
  }

  private record Implementation(Transport delegate, int connections, Duration idle, boolean ioUring)
      implements Transport {
    @Override
    public void configure(TcpConfig config, boolean domainSocket, ServerBootstrap server) {
      delegate.configure(config, domainSocket, server);
      server.handler(
          new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel listening) {
              listening
                  .pipeline()
                  .addLast(new ConnectionLimit(connections))
                  .addLast(new AcceptThrottle(System::nanoTime))
                  .addLast(GuardInstaller.onAccept(idle, closing()));
            }
          });
    }

    /** How a connection is closed whose client is gone. */
    private Consumer<ChannelHandlerContext> closing() {
      return ioUring ? ChannelHandlerContext::close : CloseThrottle.ofEachLoop();
    }

    @Override
    public boolean supportsDomainSockets() {
      return delegate.supportsDomainSockets();
    }

    @Override
    public boolean supportFileRegion() {
      return delegate.supportFileRegion();
    }

    @Override
    public boolean isAvailable() {
      return delegate.isAvailable();
    }

    @Override
    public Throwable unavailabilityCause() {
      return delegate.unavailabilityCause();
    }

    @Override
    public java.net.SocketAddress convert(SocketAddress address) {
      return delegate.convert(address);
    }

    @Override
    public SocketAddress convert(java.net.SocketAddress address) {
      return delegate.convert(address);
    }

    @Override
    public IoHandlerFactory ioHandlerFactory() {
      IoHandlerFactory handlers = delegate.ioHandlerFactory();
      return ioUring ? DisconnectThrottle.factory(handlers, System::nanoTime) : handlers;
    }

    @Override
    public EventLoopGroup eventLoopGroup(
        int type, int threads, ThreadFactory factory, int ioRatio) {
      return ioUring
          ? new MultiThreadIoEventLoopGroup(threads, factory, ioHandlerFactory())
          : delegate.eventLoopGroup(type, threads, factory, ioRatio);
    }

    @Override
    @SuppressWarnings("deprecation") // the SPI of Vert.x 5.1 has this method
    public DatagramChannel datagramChannel(InternetProtocolFamily family) {
      return delegate.datagramChannel(family);
    }

    @Override
    public ChannelFactory<? extends DatagramChannel> datagramChannelFactory() {
      return delegate.datagramChannelFactory();
    }

    @Override
    public ChannelFactory<? extends Channel> channelFactory(boolean domainSocket) {
      return delegate.channelFactory(domainSocket);
    }

    @Override
    public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
      return delegate.serverChannelFactory(domainSocket);
    }

    @Override
    public void configure(DatagramChannel channel, DatagramSocketOptions options) {
      delegate.configure(channel, options);
    }

    @Override
    public void configure(
        TcpConfig config, boolean domainSocket, io.netty.bootstrap.Bootstrap client) {
      delegate.configure(config, domainSocket, client);
    }
  }
}
