package io.tidings.http;

import static io.tidings.http.TestTokens.claims;
import static io.tidings.http.TestTokens.grants;
import static io.tidings.http.TestTokens.sign;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tokens in cookies, which browsers send whatever page makes a request. */
@Timeout(60)
class CookieDoorsTest {
  private static final JsonObject NEWS =
      grants(new JsonArray().add("news"), new JsonArray().add("news"));
  private static final String HTTPS =
      "Host: news.example\r\nX-Forwarded-Proto: https\r\nX-Forwarded-For: 203.0.113.9\r\n";

  @TempDir private static Path directory;
  private static RunningHub hub;
  private static String token;

  @BeforeAll
  static void start() throws Exception {
    token = sign(claims("alice", NEWS));
    hub =
        RunningHub.start(
            Map.of(
                "auth.mode", "required",
                "auth.issuers", TestTokens.issuers(directory),
                "auth.secret", "none",
                "http.hosts", "news.example",
                "cors.publish", "https://friend.example, *",
                "cors.subscribe", "https://friend.example, *"));
  }

  @AfterAll
  static void stop() throws Exception {
    hub.close();
  }

  private static RawClient send(String line, String headers) throws Exception {
    var client = new RawClient(hub.port());
    String length = line.startsWith("POST") ? "Content-Length: 0\r\n" : "";
    client.send(line + " HTTP/1.1\r\n" + headers + length + "\r\n");
    client.readHead();
    return client;
  }

  private static int status(String line, String headers) throws Exception {
    try (var client = send(line, headers)) {
      return client.status();
    }
  }

  private static String cookie() {
    return "Cookie: other=1; __Host-tidings=" + token + "\r\n";
  }

  @Test
  void aStreamIsOpenedByACookie() throws Exception {
    assertEquals(200, status("GET /events/news", HTTPS + cookie()));
    assertEquals(403, status("GET /events/orders", HTTPS + cookie()));
    assertEquals(401, status("GET /events/news", HTTPS + "Cookie: __Host-tidings=x.y.z\r\n"));
    assertEquals(401, status("GET /events/news", HTTPS + "Cookie: tidings=" + token + "\r\n"));
    String twice = "Cookie: __Host-tidings=" + token + "; __Host-tidings=x\r\n";
    assertEquals(401, status("GET /events/news", HTTPS + twice));
  }

  @ParameterizedTest
  @CsvSource({
    "403, X-None: x,                        none",
    "200, Origin: https://news.example,     none",
    "200, Origin: https://news.example,     same-origin",
    "403, Origin: https://news.example,     cross-site",
    "403, Origin: http://news.example,      none",
    "200, Origin: https://friend.example,   cross-site",
    "403, Origin: https://evil.example,     cross-site",
    "403, Origin: null,                     same-site",
    "403, Origin: *,                        same-site"
  })
  void publishingByCookieNeedsAnAllowedOrigin(int status, String origin, String site)
      throws Exception {
    String headers = HTTPS + cookie() + origin + "\r\nSec-Fetch-Site: " + site + "\r\n";
    assertEquals(status, status("POST /events/news", headers));
    String websocket =
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    assertEquals(status == 200 ? 101 : status, status("GET /events/news", headers + websocket));
  }

  @Test
  void aTokenInTheHeaderCountsBeforeTheCookie() throws Exception {
    String bearer = "Authorization: Bearer " + token + "\r\n";
    String bad = "Cookie: __Host-tidings=x.y.z\r\n";
    assertEquals(200, status("POST /events/news", HTTPS + bad + bearer));
    assertEquals(
        401, status("POST /events/news", HTTPS + cookie() + "Authorization: Bearer x.y.z\r\n"));
  }

  @Test
  void credentialsAreAllowedToListedOriginsOnly() throws Exception {
    try (var friend =
        send("GET /events/news", HTTPS + cookie() + "Origin: https://friend.example\r\n")) {
      assertEquals("true", friend.headers().get("access-control-allow-credentials"));
    }
    try (var other = send("GET /events/news", HTTPS + cookie() + "Origin: https://a.example\r\n")) {
      assertEquals("*", other.headers().get("access-control-allow-origin"));
      assertFalse(other.headers().containsKey("access-control-allow-credentials"));
    }
  }

  @Test
  void aSessionIsACookieThatScriptsCannotRead() throws Exception {
    String bearer = "Authorization: Bearer " + token + "\r\n";
    try (var session = send("POST /session", HTTPS + bearer + "Origin: https://news.example\r\n")) {
      assertEquals(200, session.status());
      String cookie = session.headers().get("set-cookie");
      assertTrue(cookie.startsWith("__Host-tidings=" + token + ";"), cookie);
      for (String attribute : new String[] {"Path=/", "Secure", "HTTPOnly", "SameSite=Strict"}) {
        assertTrue(cookie.contains("; " + attribute), cookie);
      }
      assertFalse(cookie.contains("Domain"), cookie);
      assertTrue(cookie.matches(".*Max-Age=3(5\\d\\d|600);.*"), cookie);
    }
    try (var end = send("DELETE /session", HTTPS)) {
      assertEquals(204, end.status());
      String cookie = end.headers().get("set-cookie");
      assertTrue(cookie.startsWith("__Host-tidings=;") && cookie.contains("Max-Age=0"), cookie);
    }
  }

  @Test
  void aSessionOnThisMachineNeedsNoHttps() throws Exception {
    String local = "Host: localhost\r\nAuthorization: Bearer " + token + "\r\n";
    try (var session = send("POST /session", local)) {
      assertEquals(200, session.status());
      String cookie = session.headers().get("set-cookie");
      assertTrue(cookie.startsWith("tidings=" + token + ";"), cookie);
      assertFalse(cookie.contains("Secure"), cookie);
    }
    String cookie = "Cookie: tidings=" + token + "\r\n";
    assertEquals(200, status("GET /events/news", "Host: localhost\r\n" + cookie));
    assertEquals(401, status("GET /events/news", "Host: news.example\r\n" + cookie));
  }

  @ParameterizedTest
  @CsvSource({
    "403, Host: news.example, X-None: x",
    "403, Host: localhost,    Origin: https://evil.example",
    "403, Host: localhost,    Origin: https://friend.example",
    "403, Host: localhost,    Sec-Fetch-Site: cross-site"
  })
  void noSessionBeginsOverHttpThroughANetworkOrFromAnotherSite(
      int status, String host, String header) throws Exception {
    String bearer = "Authorization: Bearer " + token + "\r\n";
    assertEquals(status, status("POST /session", host + "\r\n" + header + "\r\n" + bearer));
  }

  @Test
  void aSessionTellsWhoOneIsAndWhatOneMay() throws Exception {
    try (var client = new RawClient(hub.port())) {
      client.send("GET /session HTTP/1.1\r\n" + HTTPS + cookie() + "\r\n");
      var session = new JsonObject(client.answer().body());
      assertTrue(session.getBoolean("identified"));
      assertEquals(TestTokens.ISSUER, session.getString("issuer"));
      assertEquals("alice", session.getString("subject"));
      assertEquals(new JsonArray().add("news"), session.getJsonArray("subscribe"));
      assertEquals(new JsonArray().add("news"), session.getJsonArray("publish"));
      assertFalse(session.getBoolean("admin"));
      assertTrue(session.getString("expires").endsWith("Z"));
    }
    try (var client = new RawClient(hub.port())) {
      client.send("GET /session HTTP/1.1\r\n" + HTTPS + "\r\n");
      var session = new JsonObject(client.answer().body());
      assertFalse(session.getBoolean("identified"));
      assertEquals(new JsonArray(), session.getJsonArray("subscribe"));
    }
    assertEquals(401, status("POST /session", HTTPS + cookie()));
    assertEquals(401, status("GET /session", HTTPS + "Cookie: __Host-tidings=x.y.z\r\n"));
  }
}
