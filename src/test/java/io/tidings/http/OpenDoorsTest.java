package io.tidings.http;

import static io.tidings.http.TestTokens.claims;
import static io.tidings.http.TestTokens.grants;
import static io.tidings.http.TestTokens.sign;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.json.JsonArray;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which requests need no token, by {@code auth.mode}. */
@Timeout(60)
class OpenDoorsTest {
  @TempDir private Path directory;

  private static int status(RunningHub hub, String... headers) throws Exception {
    try (var client = new RawClient(hub.port())) {
      client.send("GET /cluster HTTP/1.1\r\n" + String.join("\r\n", headers) + "\r\n\r\n");
      return client.answer().status();
    }
  }

  private RunningHub start(String mode) throws Exception {
    return RunningHub.start(
        Map.of("auth.mode", mode, "auth.secret", "none", "http.hosts", "news.example"));
  }

  private RunningHub startWithKeys(String mode) throws Exception {
    return RunningHub.start(
        Map.of(
            "auth.mode",
            mode,
            "auth.secret",
            "none",
            "http.hosts",
            "news.example",
            "auth.issuers",
            TestTokens.issuers(directory)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"localhost", "127.0.0.1:8080", "127.9.9.9", "[::1]", "a.localhost", "LOCALHOST."})
  void aRequestOfThisMachineToItselfIsOpenByDefault(String host) throws Exception {
    try (var hub = start("auto")) {
      assertEquals(200, status(hub, "Host: " + host));
    }
  }

  @Test
  void everyOtherRequestNeedsATokenByDefault() throws Exception {
    try (var hub = start("auto")) {
      assertEquals(401, status(hub, "Host: news.example"));
      assertEquals(401, status(hub, "Host: 192.0.2.1"));
      assertEquals(401, status(hub, "Host: 0.0.0.0"));
      for (String header :
          new String[] {
            "Forwarded: for=127.0.0.1",
            "X-Forwarded-For: 127.0.0.1",
            "x-forwarded-proto: http",
            "X-Forwarded-Host: localhost",
            "X-Forwarded-Anything:",
            "Via: 1.1 x",
            "X-Real-IP: ::1"
          }) {
        assertEquals(401, status(hub, "Host: localhost", header), header);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"open, 200", "required, 401"})
  void aModeAppliesToEveryRequest(String mode, int status) throws Exception {
    try (var hub = start(mode)) {
      assertEquals(status, status(hub, "Host: localhost"));
      assertEquals(status, status(hub, "Host: news.example", "X-Forwarded-For: 192.0.2.1"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"open", "auto"})
  void aTokenThatIsShownCountsWhereNoneIsNeeded(String mode) throws Exception {
    try (var hub = startWithKeys(mode)) {
      String weak = sign(claims("a", grants(new JsonArray().add("a"), new JsonArray())));
      assertEquals(200, status(hub, "Host: localhost"));
      assertEquals(403, status(hub, "Host: localhost", "Authorization: Bearer " + weak));
      assertEquals(401, status(hub, "Host: localhost", "Authorization: Bearer x.y.z"));
      assertEquals(401, status(hub, "Host: localhost", "Authorization: Bearer"));
      assertEquals(200, status(hub, "Host: localhost", "Authorization: Basic YTpi"));
      assertEquals(200, status(hub, "Host: localhost", "Cookie: tidings=x.y.z"));
    }
  }

  @Test
  void aTokenForAProxyIsIgnoredByAHubThatIsOpenAndHasNoKeys() throws Exception {
    try (var hub = start("open")) {
      assertEquals(200, status(hub, "Host: localhost", "Authorization: Bearer x.y.z"));
    }
  }

  /** EventSource never asks for the head alone; who does needs the true status. */
  @Test
  void afterTooManyFailedLoginsAnEventStreamIsBusyAndAHeadIsAnswered429() throws Exception {
    try (var hub =
        RunningHub.start(
            Map.of("auth.mode", "required", "auth.secret", "none", "limits.client.logins", 1))) {
      assertEquals(401, statusOfForged(hub, "GET"));
      assertEquals(200, statusOfForged(hub, "GET"));
      assertEquals(429, statusOfForged(hub, "HEAD"));
    }
  }

  private static int statusOfForged(RunningHub hub, String method) throws Exception {
    try (var client = new RawClient(hub.port())) {
      client.send(
          method + " /events/a HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer a.b.c\r\n\r\n");
      client.readHead();
      return client.status();
    }
  }
}
