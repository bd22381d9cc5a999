package io.tidings.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LimitKeyTest {
  @ParameterizedTest
  @CsvSource({
    "2001:db8:1:2::1, 2001:db8:1:2:ffff:ffff:ffff:ffff",
    "2001:db8:1:2::1, 2001:0DB8:0001:0002:0:0:0:1",
    "fe80::1, fe80:0:0:0:1:2:3:4%eth0",
    "::ffff:192.0.2.7, 192.0.2.7",
  })
  void addressesOfOneNetworkAreOneClient(String one, String other) {
    assertEquals(LimitKey.ofAddress(one), LimitKey.ofAddress(other));
  }

  @ParameterizedTest
  @CsvSource({
    "2001:db8:1:2::1, 2001:db8:1:3::1",
    "192.0.2.7, 192.0.2.8",
    "::ffff:192.0.2.7, ::ffff:192.0.2.8",
    "::1, 127.0.0.1",
  })
  void addressesOfDifferentNetworksAreDifferentClients(String one, String other) {
    assertNotEquals(LimitKey.ofAddress(one), LimitKey.ofAddress(other));
    assertNotEquals(0, LimitKey.ofAddress(one).compareTo(LimitKey.ofAddress(other)));
  }

  @Test
  void principalsOfDifferentIssuersAreDifferentClients() {
    assertNotEquals(LimitKey.ofPrincipal("a", "x"), LimitKey.ofPrincipal("b", "x"));
    assertNotEquals(LimitKey.ofPrincipal("ab", "c"), LimitKey.ofPrincipal("a", "bc"));
    assertNotEquals(LimitKey.ofPrincipal("", "192.0.2.7"), LimitKey.ofAddress("192.0.2.7"));
    assertEquals(LimitKey.ofPrincipal("a", "x"), LimitKey.ofPrincipal("a", "x"));
  }

  @Test
  void aLongNameMakesNoLargeKey() {
    String name = "x".repeat(8_000);
    LimitKey key = LimitKey.ofPrincipal(name, name + "1");
    assertTrue(key.issuer().length() <= 200 && key.subject().length() <= 200);
    assertNotEquals(key, LimitKey.ofPrincipal(name, name + "2"));
    assertEquals(key, LimitKey.ofPrincipal(name, name + "1"));
  }

  @Test
  void aNetworkIsShownAsPeopleWriteIt() {
    assertEquals("192.0.2.7", LimitKey.ofAddress("192.0.2.7").networkText());
    assertEquals("2001:db8:0:1f::/64", LimitKey.ofAddress("2001:db8:0:1f::9").networkText());
    assertEquals("192.0.2.7", LimitKey.ofAddress("::ffff:192.0.2.7").networkText());
    assertEquals("", LimitKey.ofAddress("").networkText());
  }
}
