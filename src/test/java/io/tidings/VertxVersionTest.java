package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VertxVersionTest {
  @Test
  void anOlderOneIsRefusedWhenTheHubIsOpened() {
    assertEquals(
        Optional.of("the hub needs Vert.x 5.1 or later, and on the class path is 5.0.4"),
        VertxVersion.refusal("5.0.4"));
    assertEquals(
        Optional.of("the hub needs Vert.x 5.1 or later, and on the class path is 4.5.21"),
        VertxVersion.refusal("4.5.21"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"5.1.1", "5.10.0-SNAPSHOT", "6.0.0", "", "own"})
  void othersAreNot(String version) {
    assertEquals(Optional.empty(), VertxVersion.refusal(version));
  }

  @Test
  void thisOneIsNot() {
    VertxVersion.check();
  }
}
