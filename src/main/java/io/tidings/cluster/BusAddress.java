package io.tidings.cluster;

import io.tidings.settings.ClusterSettings;
import io.tidings.settings.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The address at which other members of the event bus connect to this process. */
final class BusAddress {
  private static final System.Logger LOG = System.getLogger(BusAddress.class.getName());
  private static final String LOCALHOST = "127.0.0.1";

  /** An address for documentation (RFC 5737), which no host has. */
  private static final String UNASSIGNED = "203.0.113.1";

  private static final int ANY_PORT = 9;

  private BusAddress() {}

  /**
   * As configured; otherwise 127.0.0.1 if all members are there, else the address from which a
   * member is reached, or the first other address of this machine.
   */
  static String of(ClusterSettings.Hazelcast settings) {
    if (!settings.host().equals(Settings.AUTO)) {
      return settings.host();
    }
    List<String> members = settings.members().stream().map(BusAddress::withoutPort).toList();
    if (!members.isEmpty() && members.stream().allMatch(BusAddress::isLoopback)) {
      return LOCALHOST;
    }
    var targets = new ArrayList<>(members);
    if (!settings.dns().equals(Settings.NONE)) {
      targets.add(settings.dns());
    }
    targets.add(UNASSIGNED); // by the default route
    return targets.stream()
        .map(BusAddress::sourceTo)
        .flatMap(Optional::stream)
        .findFirst()
        .orElseGet(BusAddress::firstAddress);
  }

  private static String withoutPort(String member) {
    return member.replaceFirst(":\\d+$", "").replaceAll("[\\[\\]]", "");
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** The address from which a host is reached; of this machine's own address, that address. */
  private static Optional<String> sourceTo(String host) {
    try (var socket = new DatagramSocket()) {
      socket.connect(new InetSocketAddress(InetAddress.getByName(host), ANY_PORT)); // sends nothing
      InetAddress source = socket.getLocalAddress();
      boolean usable =
          source instanceof Inet4Address
              && !source.isAnyLocalAddress()
              && !source.isLoopbackAddress();
      return usable ? Optional.of(source.getHostAddress()) : Optional.empty();
    } catch (IOException | UncheckedIOException e) {
      LOG.log(System.Logger.Level.DEBUG, "no route to " + host, e);
      return Optional.empty();
    }
  }

  private static String firstAddress() {
    try {
      return NetworkInterface.networkInterfaces()
          .flatMap(NetworkInterface::inetAddresses)
          .filter(Inet4Address.class::isInstance)
          .filter(other -> !other.isLoopbackAddress() && !other.isLinkLocalAddress())
          .findFirst()
          .map(InetAddress::getHostAddress)
          .orElse(LOCALHOST);
    } catch (SocketException e) {
      LOG.log(System.Logger.Level.DEBUG, "no address except loopback", e);
      return LOCALHOST;
    }
  }
}
