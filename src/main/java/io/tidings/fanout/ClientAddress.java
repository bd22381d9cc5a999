package io.tidings.fanout;

import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** How a client is called, of whom nothing is known but where its connection comes from. */
final class ClientAddress {
  private ClientAddress() {}

  /** Address and port, an IPv6 address in brackets. */
  static String of(SocketAddress address) {
    if (address instanceof InetSocketAddress internet && internet.getAddress() != null) {
      return of(internet.getAddress().getHostAddress(), internet.getPort());
    }
    return String.valueOf(address);
  }

  static String of(io.vertx.core.net.SocketAddress address) {
    return of(address.hostAddress(), address.port());
  }

  private static String of(String host, int port) {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
