package io.tidings.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.auth.Authenticator;
import io.tidings.auth.Grants;
import io.tidings.auth.Principal;
import io.tidings.event.Filter;
import io.tidings.settings.InvalidSetting;
import io.tidings.settings.Settings;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenCommandTest {
  @TempDir Path dir;

  private Settings settings() {
    return Settings.of(Map.of("log.dir", dir.resolve("data").toString()));
  }

  private String token(String... arguments) {
    return TokenCommand.run(
        TokenOptions.parse(List.of(arguments)), settings(), InstantSource.system());
  }

  private Principal principal(String token) throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      return Authenticator.create(vertx, settings().auth(), dir.resolve("data"))
          .compose(authenticator -> authenticator.authenticate(token))
          .toCompletionStage()
          .toCompletableFuture()
          .get(20, TimeUnit.SECONDS);
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void aTokenMayShowAPayloadAndGrantSeeingWhoIsPresent() throws Exception {
    String printed =
        token("--subscribe", "chat.**", "--presence", "--payload", "{\"name\": \"Al\"}");
    Principal principal = principal(printed.strip());
    assertTrue(principal.grants().presence());
    assertEquals(Optional.of("{\"name\":\"Al\"}"), principal.payload());
    Principal other = principal(token("--subscribe", "chat.**").strip());
    assertFalse(other.grants().presence());
    assertEquals(Optional.empty(), other.payload());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {"{ | must be JSON", "null | must be a value", "long | must have at most 1024 bytes"})
  void aPayloadThatCannotBeShownIsRefused(String payload, String rule) {
    String json = payload.equals("long") ? "\"" + "x".repeat(1_023) + "\"" : payload;
    var e =
        assertThrows(
            IllegalArgumentException.class, () -> token("--subscribe", "a", "--payload", json));
    assertTrue(e.getMessage().startsWith("--payload"), e.getMessage());
    assertTrue(e.getMessage().endsWith(rule), e.getMessage());
  }

  @Test
  void theHubAcceptsTheTokenThatIsPrinted() throws Exception {
    Instant before = Instant.now();
    String printed =
        token(
            "--subscribe",
            "orders.**",
            "--subscribe=news",
            "--publish",
            "news",
            "--admin",
            "--subject",
            "shop",
            "--for",
            "30d");
    assertTrue(printed.matches("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\n"), printed);
    Principal principal = principal(printed.strip());
    assertEquals("tidings", principal.issuer());
    assertEquals("shop", principal.subject());
    assertEquals(
        new Grants(
            Optional.of(Filter.of("orders.**", "news")), Optional.of(Filter.of("news")), true),
        principal.grants());
    Duration life = Duration.between(before, principal.expires().orElseThrow());
    assertTrue(life.minus(Duration.ofDays(30)).abs().toMinutes() < 2, life.toString());
    assertTrue(principal.tokenId().isPresent());
  }

  @Test
  void theSecretIsMadeOnceForItsOwnerOnly() throws Exception {
    token("--admin");
    Path secret = dir.resolve("data").resolve("secret");
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)));
    String text = Files.readString(secret);
    token("--admin");
    assertEquals(text, Files.readString(secret));
  }

  @Test
  void eachTokenWithoutASubjectIsOfAnother() throws Exception {
    Principal one = principal(token("--publish", "a").strip());
    Principal two = principal(token("--publish", "a").strip());
    assertFalse(one.subject().equals(two.subject()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--subscribe a..b | --subscribe a..b: must be dot-separated parts, none of them empty",
        "--publish **.a | --publish **.a: must have * only as a whole part, and ** only as the last",
        "--publish | --publish: must be followed by a value",
        "--admin --for 0 | --for 0: must be from 1s to 366d",
        "--admin --for 367d | --for 367d: must be from 1s to 366d",
        "--admin --for 999999999d | --for 999999999d: must be from 1s to 366d",
        "--admin --for soon | --for soon: must be a duration such as 100ms, 15s, 10m, 24h or 7d, or 0",
        "--admin --for -1d | --for -1d: must be a duration such as 100ms, 15s, 10m, 24h or 7d, or 0",
        "--subject= | --subject : must be a name of at most 256 characters",
        "--admin=yes | --admin: is not an option; see token --help",
        "--admin --dir x | --dir: is not an option; see token --help",
        "news | news: is not an option; see token --help",
        "--for 1d | token: must have --subscribe, --publish, --admin or --subject; see token --help",
      })
  void anErrorNamesItsOption(String arguments, String message) {
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> TokenOptions.parse(Arrays.asList(arguments.split(" "))));
    assertEquals(message, e.getMessage());
  }

  @Test
  void withoutASecretThereIsNoToken() {
    var none = Settings.of(Map.of("auth.secret", "none"));
    var e =
        assertThrows(
            InvalidSetting.class,
            () ->
                TokenCommand.run(
                    TokenOptions.parse(List.of("--admin")), none, InstantSource.system()));
    assertEquals("auth.secret=none: must be auto, create or a file", e.getMessage());
  }

  @Test
  void aSecretThatIsConfiguredIsNotMade() {
    String file = dir.resolve("absent").toString();
    var configured = Settings.of(Map.of("auth.secret", file));
    var e =
        assertThrows(
            InvalidSetting.class,
            () ->
                TokenCommand.run(
                    TokenOptions.parse(List.of("--admin")), configured, InstantSource.system()));
    assertEquals("auth.secret=" + file + ": does not exist", e.getMessage());
  }

  @Test
  void theHubsConfigurationIsThatOfItsCommandLine() {
    CommandLine line =
        TokenOptions.parse(List.of("--admin", "--set", "log.dir=x", "--set=auth.secret=y")).line();
    assertEquals(Map.of("log.dir", "x", "auth.secret", "y"), line.settings());
    assertTrue(TokenOptions.parse(List.of("--help")).help());
  }

  @Test
  void tooManyGrantsAreRefused() {
    String[] arguments = new String[101];
    Arrays.setAll(arguments, i -> "--publish=topic" + i);
    assertThrows(IllegalArgumentException.class, () -> TokenOptions.parse(List.of(arguments)));
    String[] long100 = new String[100];
    Arrays.setAll(long100, i -> "--publish=" + "x".repeat(90) + i);
    var e = assertThrows(IllegalArgumentException.class, () -> token(long100));
    assertTrue(e.getMessage().startsWith("the token would have more than 8192 characters"));
  }
}
