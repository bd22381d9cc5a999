package io.tidings.transport;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.InternetProtocolFamily;
import io.vertx.core.datagram.DatagramSocketOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.TcpConfig;
import io.vertx.core.spi.transport.Transport;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;

/**
 * Another transport, but that each of its listening sockets has a {@link ConnectionLimit} and a
 * {@link AcceptThrottle}, and each of the connections a {@link ConnectionGuard}.
 *
 * @param connections how many a listening socket may have
 * @param idle after which time a request must have come; zero for never
 */
public record ThrottledTransport(
    io.vertx.core.transport.Transport other, int connections, Duration idle)
    implements io.vertx.core.transport.Transport {
  @Override
  public String name() {
    return other.name();
  }

  @Override
  public boolean available() {
    return other.available();
  }

  @Override
  public Throwable unavailabilityCause() {
    return other.unavailabilityCause();
  }

  @Override
  public Transport implementation() {
    return new Implementation(other.implementation(), connections, idle);
  }

  private record Implementation(Transport other, int connections, Duration idle)
      implements Transport {
    @Override
    public void configure(TcpConfig config, boolean domainSocket, ServerBootstrap server) {
      other.configure(config, domainSocket, server);
      server.handler(
          new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel listening) {
              listening
                  .pipeline()
                  .addLast(new ConnectionLimit(connections))
                  .addLast(new AcceptThrottle(System::nanoTime))
                  .addLast(GuardInstaller.onAccept(idle));
            }
          });
    }

    @Override
    public boolean supportsDomainSockets() {
      return other.supportsDomainSockets();
    }

    @Override
    public boolean supportFileRegion() {
      return other.supportFileRegion();
    }

    @Override
    public boolean isAvailable() {
      return other.isAvailable();
    }

    @Override
    public Throwable unavailabilityCause() {
      return other.unavailabilityCause();
    }

    @Override
    public java.net.SocketAddress convert(SocketAddress address) {
      return other.convert(address);
    }

    @Override
    public SocketAddress convert(java.net.SocketAddress address) {
      return other.convert(address);
    }

    @Override
    public IoHandlerFactory ioHandlerFactory() {
      return other.ioHandlerFactory();
    }

    @Override
    public EventLoopGroup eventLoopGroup(
        int type, int threads, ThreadFactory factory, int ioRatio) {
      return other.eventLoopGroup(type, threads, factory, ioRatio);
    }

    @Override
    @SuppressWarnings("deprecation") // so Vert.x 5.1 has it
    public DatagramChannel datagramChannel(InternetProtocolFamily family) {
      return other.datagramChannel(family);
    }

    @Override
    public ChannelFactory<? extends DatagramChannel> datagramChannelFactory() {
      return other.datagramChannelFactory();
    }

    @Override
    public ChannelFactory<? extends Channel> channelFactory(boolean domainSocket) {
      return other.channelFactory(domainSocket);
    }

    @Override
    public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
      return other.serverChannelFactory(domainSocket);
    }

    @Override
    public void configure(DatagramChannel channel, DatagramSocketOptions options) {
      other.configure(channel, options);
    }

    @Override
    public void configure(
        TcpConfig config, boolean domainSocket, io.netty.bootstrap.Bootstrap client) {
      other.configure(config, domainSocket, client);
    }
  }
}
