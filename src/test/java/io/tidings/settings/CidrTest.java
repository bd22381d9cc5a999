package io.tidings.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CidrTest {
  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.255.0.1, true",
    "10.0.0.0/8, 11.0.0.1, false",
    "10.1.2.3/8, 10.9.9.9, true",
    "192.168.1.128/25, 192.168.1.127, false",
    "192.168.1.128/25, 192.168.1.200, true",
    "10.0.0.5, 10.0.0.5, true",
    "10.0.0.5, 10.0.0.4, false",
    "10.0.0.5, ::ffff:10.0.0.5, true",
    "fd00::/8, fdab::1, true",
    "fd00::/8, fe80::1, false",
    "::1, 0:0:0:0:0:0:0:1, true",
    "::1, ::2, false",
    "0.0.0.0/0, 8.8.8.8, true",
    "0.0.0.0/0, ::1, false",
    "loopback, 127.9.9.9, true",
    "loopback, ::1, true",
    "private, 172.31.0.1, true",
    "private, 172.32.0.1, false",
    "loopback, localhost, false",
    "loopback, '', false",
  })
  void aNetworkContainsTheAddressesWithItsPrefix(String network, String address, boolean in) {
    List<Cidr> networks = Settings.of(Map.of("http.proxies", network)).http().proxies();
    assertEquals(in, networks.stream().anyMatch(one -> one.contains(address)));
  }

  @Test
  void anAddressWithAZoneIsNotAnAddress() {
    assertFalse(Cidr.isAddress("fe80::1%<img>"));
    assertFalse(Cidr.isAddress("::1%"));
  }
}
