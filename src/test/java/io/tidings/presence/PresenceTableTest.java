package io.tidings.presence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.auth.Grants;
import io.tidings.auth.Principal;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PresenceTableTest {
  private static final long LINGER = 5;

  private long now;
  private final PresenceTable table =
      new PresenceTable(
          new PresenceTable.Limits(10, 4), LINGER, () -> now, InstantSource.fixed(Instant.EPOCH));

  private static Principal named(String subject) {
    return new Principal("issuer", subject, Grants.NONE, Optional.empty(), Optional.empty());
  }

  /** How many topics of the numbers up to that have somebody. */
  private long occupied(int topics) {
    return IntStream.range(0, topics).filter(i -> table.find("t" + i).isPresent()).count();
  }

  @Test
  void asManyPlacesLingerAsThereMayBe() {
    for (int i = 0; i < 10; i++) {
      table.place(i, named("alice"), List.of("t" + i));
      table.remove(i);
    }
    assertEquals(4, occupied(10));
    assertTrue(table.find("t9").isPresent(), "the first leave first");
    assertTrue(table.complete());
    now = LINGER;
    table.expire();
    assertTrue(table.isEmpty());
  }

  @Test
  void whoeverIsThereAgainDoesNotLeaveWithThoseThatLingered() {
    table.place("first", named("alice"), List.of("t0"));
    table.remove("first");
    table.place("second", named("alice"), List.of("t0"));
    for (int i = 1; i < 10; i++) {
      table.place(i, named("alice"), List.of("t" + i));
      table.remove(i);
    }
    assertEquals(1, table.find("t0").orElseThrow().members().iterator().next().streams());
    now = LINGER;
    table.expire();
    assertEquals(1, occupied(10));
    table.remove("second");
    now = 2 * LINGER;
    table.expire();
    assertTrue(table.isEmpty());
  }
}
