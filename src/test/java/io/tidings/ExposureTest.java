package io.tidings;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.auth.Authenticator;
import io.tidings.settings.InvalidSetting;
import io.tidings.settings.Settings;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExposureTest {
  private final Vertx vertx = Vertx.vertx();

  @TempDir private Path directory;

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(15, TimeUnit.SECONDS);
  }

  private void check(String host, Map<String, Object> more) throws Exception {
    Map<String, Object> values = new HashMap<>(more);
    values.put("http.host", host);
    values.putIfAbsent("auth.secret", "none");
    Settings settings = Settings.of(values);
    Authenticator authenticator =
        Authenticator.create(vertx, settings.auth(), directory)
            .toCompletionStage()
            .toCompletableFuture()
            .get(15, TimeUnit.SECONDS);
    Exposure.check(settings, authenticator);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "::", "192.0.2.1", "news.example"})
  void aHubThatOthersCanReachNeedsAWayToTellThemApart(String host) {
    var refused = assertThrows(InvalidSetting.class, () -> check(host, Map.of()));
    assertEquals(1, refused.getMessage().lines().count());
    for (String way : new String[] {"token", "auth.issuers", "auth.mode=open"}) {
      assertTrue(refused.getMessage().contains(way), refused.getMessage());
    }
    assertThrows(InvalidSetting.class, () -> check(host, Map.of("auth.mode", "required")));
    assertDoesNotThrow(() -> check(host, Map.of("auth.mode", "open")));
    assertDoesNotThrow(() -> check(host, Map.of("auth.anonymous.subscribe", "news.**")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "localhost", "127.1.2.3", "::1"})
  void aHubOfThisMachineAloneNeedsNothing(String host) {
    assertDoesNotThrow(() -> check(host, Map.of()));
  }

  @Test
  void aSecretIsAKey() throws Exception {
    Path secret = Files.writeString(directory.resolve("key"), "x".repeat(64));
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    assertDoesNotThrow(() -> check("0.0.0.0", Map.of("auth.secret", secret.toString())));
  }

  @Test
  void aBusWithinTheProcessIsTrusted() {
    Settings required = Settings.of(Map.of("auth.mode", "required"));
    assertTrue(Exposure.trustsBus(required, Optional.empty(), false));
    // the bus of an application whose Vert.x is clustered reaches other processes
    assertFalse(Exposure.trustsBus(required, Optional.empty(), true));
    assertTrue(
        Exposure.trustsBus(Settings.of(Map.of("auth.mode", "open")), Optional.empty(), true));
  }
}
