package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.settings.DurationFormat;
import io.tidings.settings.Settings;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerOptionsTest {
  @ParameterizedTest
  @CsvSource({
    "channel, 60s, 15s, 30s, 1m",
    "channel, 10s, 15s, 30s, 30s",
    "channel, 0, 15s, 30s, 0",
    "channel, 60s, 0, 30s, 1m",
    "response, 60s, 10s, 30s, 30s",
    "response, 10s, 1s, 30s, 10s",
    "response, 0, 10s, 30s, 30s",
    "response, 60s, 20s, 30s, 40s",
    "response, 60s, 0, 30s, 0",
  })
  void theIdleTimeoutExceedsTheHeartbeatAndIsBoundedByStallForTheResponseOutlet(
      String outlet, String idle, String heartbeat, String stall, String expected) {
    Settings settings =
        Settings.of(
            Map.of(
                "stream.outlet", outlet,
                "http.idle", idle,
                "stream.heartbeat", heartbeat,
                "stream.stall", stall));
    assertEquals(expected, DurationFormat.text(ServerOptions.idleTimeout(settings)));
  }

  @Test
  void aRequestLineHasRoomForTheMostTopicsInPercentEncoding() {
    Settings settings = Settings.of(Map.of("limits.topics", 10, "limits.topic", 200));
    int length = ServerOptions.of(settings).getMaxInitialLineLength();
    assertTrue(length >= 10 * ("&topic=".length() + 3 * 200), "" + length);
  }

  @Test
  void allInstancesShareOneFreePort() {
    var http = Settings.of(Map.of("http.port", 0)).http();
    assertEquals(ServerOptions.address(http), ServerOptions.address(http));
    assertTrue(ServerOptions.address(http).port() < 0, "a port shared by number");
  }
}
