package io.tidings.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Publication;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PrincipalTest {
  private static Principal principal(String issuer, String subject) {
    return new Principal(issuer, subject, Grants.NONE, Optional.empty(), Optional.empty());
  }

  @Test
  void principalsWithoutTokenShareTheEmptyScope() {
    assertEquals("", Principal.HUB.scope());
    assertEquals("", Principal.withoutToken(Grants.NONE).scope());
  }

  @Test
  void theScopeIsThatOfIssuerAndSubjectWhateverTheGrants() {
    var other = new Principal("i", "s", Grants.ALL, Optional.empty(), Optional.of("token"));
    assertEquals(principal("i", "s").scope(), other.scope());
    assertNotEquals(principal("i", "s").scope(), principal("i", "t").scope());
    assertNotEquals(principal("i", "s").scope(), principal("j", "s").scope());
    assertNotEquals(principal("i", "ss").scope(), principal("is", "s").scope());
    assertNotEquals(principal("i", "").scope(), principal("", "i").scope());
    assertNotEquals("", principal("i", "").scope());
  }

  @Test
  void theScopeIsADigestThatAPublicationAccepts() {
    String scope = principal("https://login.example", "alice@example.org").scope();
    assertEquals(24, scope.length());
    assertFalse(scope.contains("alice"));
    assertTrue(Publication.isScope(scope));
    String long1 = principal("https://" + "i".repeat(5_000), "é".repeat(5_000)).scope();
    assertEquals(24, long1.length());
  }
}
