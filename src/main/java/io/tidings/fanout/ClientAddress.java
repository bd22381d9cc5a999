package io.tidings.fanout;

import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** Formats the address of a client that is known only by its connection. */
final class ClientAddress {
  private ClientAddress() {}

  /** The address and port, with an IPv6 address in brackets. */
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
