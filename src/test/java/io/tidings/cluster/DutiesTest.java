package io.tidings.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.settings.Settings.Role;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DutiesTest {
  private final FakeVoters voters = new FakeVoters();

  /**
   * @param words the roles of the members, the oldest first; this process has an asterisk
   */
  private static List<BusMember> members(String words) {
    return List.of(words.split(" ")).stream()
        .map(
            word -> {
              String role = word.replace("*", "").toUpperCase(java.util.Locale.ROOT);
              return new BusMember(
                  word,
                  "127.0.0.1:5701",
                  role.equals("GUEST") ? Optional.empty() : Optional.of(Role.valueOf(role)),
                  word.endsWith("*"));
            })
        .toList();
  }

  @Test
  void aHubAloneDoesEverything() {
    var duties = new Duties(Optional.empty(), List::of);
    assertTrue(duties.ofHub());
    assertTrue(duties.ofProducer());
  }

  @ParameterizedTest
  @CsvSource({
    "all*, true, true",
    "guest all* all, true, true",
    "all all*, false, false",
    "hub all* all, false, true",
    "hub* all, true, false",
    "all* producer, true, false",
    "all producer*, false, true",
    "producer producer* all, false, false",
    "guest producer*, true, true",
  })
  void onAnEventBusTheOldestHubRelaysAndTheOldestProducerPublishes(
      String roles, boolean hub, boolean producer) {
    List<BusMember> members = members(roles);
    var duties = new Duties(Optional.empty(), () -> members);
    assertEquals(producer, duties.ofProducer());
    boolean isHub = members.stream().filter(BusMember::self).anyMatch(BusMember::isHub);
    if (isHub) {
      assertEquals(hub, duties.ofHub());
    }
  }

  @Test
  void inAClusterTheLeaderDoesEverything() {
    var duties = new Duties(Optional.of(voters), List::of);
    assertFalse(duties.ofHub());
    assertFalse(duties.ofProducer());
    voters.leads = true;
    assertTrue(duties.ofHub());
    assertTrue(duties.ofProducer());
  }

  @Test
  void aClusterOnAnEventBusLeavesTheClockToProducersOnly() {
    voters.leads = true;
    var withProducer = new Duties(Optional.of(voters), () -> members("all all* producer"));
    assertTrue(withProducer.ofHub());
    assertFalse(withProducer.ofProducer());
    var without = new Duties(Optional.of(voters), () -> members("all all* guest"));
    assertTrue(without.ofHub());
    assertTrue(without.ofProducer());
    voters.leads = false;
    var oldest = new Duties(Optional.of(voters), () -> members("all* all guest"));
    assertFalse(oldest.ofHub());
    assertFalse(oldest.ofProducer());
  }
}
