package io.tidings.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HealthOptionsTest {
  @Test
  void theDefaultsAreThoseOfTheHub() {
    var options = HealthOptions.parse(List.of(), Map.of());
    assertEquals(new HealthOptions("127.0.0.1", 8080, false, false), options);
    assertEquals("/health/live", options.path());
  }

  @ParameterizedTest
  @CsvSource({"0.0.0.0, 127.0.0.1", "::, ::1", "[::], ::1", "10.0.0.1, 10.0.0.1"})
  void aHubThatListensOnAllAddressesIsAskedAtTheLoopback(String listens, String asked) {
    var environment = Map.of("TIDINGS_HTTP_HOST", listens, "TIDINGS_HTTP_PORT", "9000");
    assertEquals(
        new HealthOptions(asked, 9000, false, false), HealthOptions.parse(List.of(), environment));
  }

  @Test
  void argumentsOverrideTheEnvironment() {
    var environment = Map.of("TIDINGS_HTTP_PORT", "9000");
    var options =
        HealthOptions.parse(List.of("--port=9001", "--host", "localhost", "--ready"), environment);
    assertEquals(new HealthOptions("localhost", 9001, true, false), options);
    assertEquals("/health/ready", options.path());
  }

  @ParameterizedTest
  @ValueSource(strings = {"--port", "--port=0", "--port=65536", "--port=x", "--live", "ready"})
  void anInvalidArgumentIsNamed(String argument) {
    var refused =
        assertThrows(
            IllegalArgumentException.class, () -> HealthOptions.parse(List.of(argument), Map.of()));
    assertEquals(1, refused.getMessage().lines().count());
    assertEquals(0, refused.getMessage().indexOf(argument.split("=")[0]), refused.getMessage());
  }
}
