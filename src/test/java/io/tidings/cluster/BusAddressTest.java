package io.tidings.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.tidings.settings.Settings;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BusAddressTest {
  private static String of(Map<String, Object> settings) {
    return BusAddress.of(Settings.of(settings).cluster().hazelcast());
  }

  /** The addresses of this machine that others can reach; none without a network. */
  private static List<String> addresses() throws Exception {
    return NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .filter(Inet4Address.class::isInstance)
        .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
        .map(InetAddress::getHostAddress)
        .toList();
  }

  @Test
  void theConfiguredAddressIsUsed() {
    assertEquals("10.1.2.3", of(Map.of("cluster.hazelcast.host", "10.1.2.3")));
  }

  @Test
  void membersOnThisMachineAloneAreReachedAtLoopback() {
    assertEquals("127.0.0.1", of(Map.of("cluster.hazelcast.members", "127.0.0.1,localhost:5702")));
  }

  /** Also where there is no default route, and where there are several networks. */
  @Test
  void amongMembersOnThisMachinesNetworkTheNodeIsAtItsOwnAddress() throws Exception {
    for (String address : addresses()) {
      assertEquals(address, of(Map.of("cluster.hazelcast.members", address + ":5701")));
    }
  }

  @Test
  void aMemberThatCannotBeResolvedIsNoObstacle() throws Exception {
    String address = of(Map.of("cluster.hazelcast.members", "no-such-host.invalid"));
    assertEquals(addresses().isEmpty(), address.equals("127.0.0.1"));
    assertNotEquals("", address);
  }
}
