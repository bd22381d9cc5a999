package io.tidings.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.tidings.event.Filter;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PrincipalJsonTest {
  private static Principal read(Principal principal) {
    return PrincipalJson.read(new JsonObject(PrincipalJson.of(principal).encode()));
  }

  @Test
  void aPrincipalIsReadWithAllItsRights() {
    var everybodys =
        new Grants(Optional.of(Filter.of("news.**")), Optional.empty(), false).toEverybody();
    var own = new Grants(Optional.of(Filter.of("orders.**")), Optional.of(Filter.of("a")), true);
    var principal =
        new Principal(
            "issuer",
            "alice",
            everybodys.and(own).withPresence(true),
            Optional.of(Instant.ofEpochSecond(1_800_000_000)),
            Optional.of("token 1"),
            Optional.of(Instant.ofEpochSecond(1_700_000_000)),
            Optional.of("{\"name\":\"Alice\"}"));
    assertEquals(principal, read(principal));
    assertEquals(Filter.of("orders.**"), read(principal).grants().own().orElseThrow());
  }

  @Test
  void theRightToEverythingIsRecognized() {
    assertSame(Grants.ALL, read(Principal.HUB).grants());
    assertEquals(Principal.HUB, read(Principal.HUB));
  }
}
