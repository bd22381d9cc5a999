package io.tidings.http;

import static io.tidings.http.TestTokens.claims;
import static io.tidings.http.TestTokens.grants;
import static io.tidings.http.TestTokens.sign;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.CapturedLog;
import io.tidings.Wait;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tickets in the URLs of streams, and what others may do with a URL that they have found. */
@Timeout(60)
class TicketsTest {
  private static final String HTTPS =
      "Host: news.example\r\nX-Forwarded-Proto: https\r\nX-Forwarded-For: 203.0.113.9\r\n";
  private static final String PLAIN = "Host: news.example\r\nX-Forwarded-For: 203.0.113.9\r\n";
  private static final String OWN = "Origin: https://news.example\r\n";
  private static final String FRIEND = "Origin: https://friend.example\r\n";
  private static final String WEBSOCKET =
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
          + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  private static final String NDJSON = "Accept: application/x-ndjson\r\n";

  @TempDir private static Path directory;
  private static RunningHub hub;
  private static String token;

  @BeforeAll
  static void start() throws Exception {
    JsonArray topics = new JsonArray().add("news").add("orders.**");
    token = sign(claims("alice", grants(topics, topics).put("admin", true)));
    hub =
        RunningHub.start(
            Map.of(
                "limits.client.logins", "0",
                "auth.mode", "required",
                "auth.issuers", TestTokens.issuers(directory),
                "auth.secret", "none",
                "auth.anonymous.subscribe", "public",
                "http.hosts", "news.example",
                "cors.subscribe", "https://friend.example, *"));
  }

  @AfterAll
  static void stop() throws Exception {
    hub.close();
  }

  private static String bearer() {
    return "Authorization: Bearer " + token + "\r\n";
  }

  private static RawClient.Answer post(String headers, String body) throws Exception {
    return post("/tickets", headers, body);
  }

  private static RawClient.Answer post(String target, String headers, String body)
      throws Exception {
    try (var client = new RawClient(hub.port())) {
      client.send(
          "POST "
              + target
              + " HTTP/1.1\r\n"
              + headers
              + "Content-Length: "
              + body.length()
              + "\r\n\r\n"
              + body);
      return client.answer();
    }
  }

  private static JsonObject issued(String headers, String... topics) throws Exception {
    String body =
        topics.length == 0
            ? ""
            : new JsonObject().put("topics", new JsonArray(List.of(topics))).encode();
    RawClient.Answer answer = post(headers, body);
    assertEquals(201, answer.status(), answer.body());
    return new JsonObject(answer.body());
  }

  private static String ticket(String headers, String... topics) throws Exception {
    return issued(headers, topics).getString("ticket");
  }

  private static RawClient open(String method, String topic, String ticket, String headers)
      throws Exception {
    var client = new RawClient(hub.port());
    client.send(
        method + " /events/" + topic + "?ticket=" + ticket + " HTTP/1.1\r\n" + headers + "\r\n");
    client.readHead();
    return client;
  }

  private static int status(String topic, String ticket, String headers) throws Exception {
    try (var client = open("GET", topic, ticket, headers)) {
      return client.status();
    }
  }

  /** The header with the cookie that a response sets. */
  private static String cookie(RawClient client) {
    return "Cookie: " + client.headers().get("set-cookie").split(";")[0] + "\r\n";
  }

  /** Opens a stream as a browser without cookies, and returns the header with the one it gets. */
  private static String redeemed(String topic, String ticket, String headers) throws Exception {
    try (var client = open("GET", topic, ticket, headers)) {
      assertEquals(200, client.status());
      return cookie(client);
    }
  }

  @Test
  void aTicketIsAnsweredWithItsEnd() throws Exception {
    RawClient.Answer answer = post(HTTPS + bearer() + OWN, "");
    assertEquals(201, answer.status());
    assertEquals("no-store", answer.headers().get("cache-control"));
    var json = new JsonObject(answer.body());
    assertTrue(json.getString("ticket").matches("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]{43}"), "text");
    assertTrue(Instant.parse(json.getString("expires")).isAfter(Instant.now()));
    assertEquals(true, json.getBoolean("reconnect"));
    assertEquals(3, json.size());
    String cookie = answer.headers().get("set-cookie");
    assertTrue(
        cookie.matches(
            "__Host-tidings-browser=[A-Za-z0-9_-]{22}; Path=/; Secure; HttpOnly; SameSite=None; Partitioned"),
        cookie);
  }

  @Test
  void aStreamIsOpenedByATicketAndTheBrowserReconnectsWithTheSameUrl() throws Exception {
    String ticket = ticket(HTTPS + bearer() + OWN, "news");
    String cookie = redeemed("news", ticket, HTTPS);
    for (int i = 0; i < 3; i++) {
      try (var again = open("GET", "news", ticket, HTTPS + cookie)) {
        assertEquals(200, again.status());
        assertFalse(again.headers().containsKey("set-cookie"), "it is set only where none came");
      }
    }
    assertEquals(200, status("news", ticket, HTTPS + cookie + NDJSON));
    assertEquals(401, status("news", ticket, HTTPS), "another browser");
    String other = "Cookie: __Host-tidings-browser=" + "x".repeat(22) + "\r\n";
    assertEquals(401, status("news", ticket, HTTPS + other));
    assertEquals(200, status("news", ticket, HTTPS + cookie));
  }

  @Test
  void tabsAndTicketsShareTheCookie() throws Exception {
    String first = ticket(HTTPS + bearer() + OWN);
    String second = ticket(HTTPS + bearer() + OWN, "orders.**");
    String cookie = redeemed("news", first, HTTPS);
    for (int i = 0; i < 2; i++) {
      assertEquals(200, status("orders.new", second, HTTPS + cookie));
      assertEquals(200, status("news", first, HTTPS + cookie));
    }
    assertEquals(401, status("orders.new", second, HTTPS));
  }

  @Test
  void aCookieThatComesWithTheRequestForATicketIsKept() throws Exception {
    RawClient.Answer answer = post(HTTPS + bearer() + OWN, "");
    String cookie = "Cookie: " + answer.headers().get("set-cookie").split(";")[0] + "\r\n";
    RawClient.Answer again = post(HTTPS + bearer() + OWN + cookie, "");
    assertFalse(again.headers().containsKey("set-cookie"));
    for (RawClient.Answer one : List.of(answer, again)) {
      String ticket = new JsonObject(one.body()).getString("ticket");
      try (var client = open("GET", "news", ticket, HTTPS + cookie)) {
        assertEquals(200, client.status());
        assertFalse(client.headers().containsKey("set-cookie"));
      }
    }
  }

  @Test
  void aCookieThatIsGivenTwiceIsRefused() throws Exception {
    String ticket = ticket(HTTPS + bearer() + OWN);
    String cookie = redeemed("news", ticket, HTTPS);
    String injected = cookie.strip() + "; __Host-tidings-browser=" + "x".repeat(22) + "\r\n";
    assertEquals(401, status("news", ticket, HTTPS + injected));
    assertEquals(
        401, status("news", ticket, HTTPS + "Cookie: __Host-tidings-browser=x\r\n" + cookie));
    String tooShort = "Cookie: __Host-tidings-browser=short\r\n";
    assertEquals(401, status("news", ticket, HTTPS + tooShort));
    String unprefixed = cookie.replace("__Host-", "");
    assertEquals(401, status("news", ticket, HTTPS + unprefixed), "over HTTPS the prefix counts");
    String planted = "Cookie: tidings-browser=" + "x".repeat(22) + "\r\n";
    try (var client = open("GET", "news", ticket(HTTPS + bearer() + OWN), HTTPS + planted)) {
      assertEquals(200, client.status());
      assertNotEquals(planted, cookie(client));
    }
  }

  @Test
  void aTicketIsForItsTopicsOnlyAndGrantsNothingElse() throws Exception {
    String ticket = ticket(HTTPS + bearer() + OWN, "orders.*");
    String cookie = redeemed("orders.new", ticket, HTTPS);
    assertEquals(403, status("news", ticket, HTTPS + cookie));
    assertEquals(403, status("hub.stats", ticket, HTTPS + cookie));
    try (var client = open("GET", "**", ticket, HTTPS + cookie + NDJSON)) {
      assertEquals(200, client.status());
      client.await(received -> true);
    }
    assertEquals(401, head("GET /stats?ticket=" + ticket, HTTPS + cookie));
    assertEquals(401, head("GET /cluster?ticket=" + ticket, HTTPS + cookie));
    assertEquals(200, head("GET /session?ticket=" + ticket, HTTPS + cookie));
    assertEquals(401, head("GET /metrics?ticket=" + ticket, HTTPS + cookie));
    String answer = post("/tickets?ticket=" + ticket, HTTPS + cookie, "").body();
    String ofNobody = new JsonObject(answer).getString("ticket");
    assertEquals(401, status("orders.new", ofNobody, HTTPS + cookie), "a ticket gets no tickets");
    assertEquals(403, post(HTTPS + bearer(), "{\"topics\":[\"payments\"]}").status());
    assertEquals(401, post(HTTPS, "{\"topics\":[\"news\"]}").status());
  }

  private static int head(String line, String headers) throws Exception {
    try (var client = new RawClient(hub.port())) {
      String length = line.startsWith("POST") ? "Content-Length: 0\r\n" : "";
      client.send(line + " HTTP/1.1\r\n" + headers + length + "\r\n");
      client.readHead();
      return client.status();
    }
  }

  @Test
  void aTicketOpensStreamsOnlyAndPublishesNothing() throws Exception {
    String ticket = ticket(HTTPS + bearer() + OWN);
    String cookie = redeemed("news", ticket, HTTPS);
    String head = HTTPS + cookie;
    assertEquals(400, head("HEAD /events/news?ticket=" + ticket, head));
    assertEquals(400, head("POST /events/news?ticket=" + ticket, head));
    assertEquals(400, head("POST /events?ticket=" + ticket, head));
    assertEquals(405, head("PUT /events/news?ticket=" + ticket, head));
    assertEquals(
        400, head("GET /events/news?ticket=" + ticket, head + "Accept: application/json\r\n"));
    assertEquals(400, head("GET /events/news?ticket=" + ticket + "&ticket=" + ticket, head));
    assertEquals(400, head("GET /events/news?ticket=" + ticket, head + bearer()));
    assertEquals(
        401, head("GET /events/news?ticket=" + ticket, head + "Authorization: Basic x\r\n"));
    assertEquals(401, head("GET /events/news?ticket=", head));
    assertEquals(401, head("GET /events/news?ticket=x.y", head));
    assertEquals(401, head("GET /events/news?ticket=" + token, head), "a token is no ticket");
    assertEquals(401, head("GET /events/news", head + "Authorization: Bearer " + ticket + "\r\n"));
  }

  @Test
  void aTicketCountsBeforeTheSessionsCookie() throws Exception {
    String session = "Cookie: __Host-tidings=" + token + "\r\n";
    String ticket = ticket(HTTPS + bearer() + OWN, "news");
    assertEquals(403, status("orders.new", ticket, HTTPS + session));
    assertEquals(401, status("orders.new", "x.y", HTTPS + session));
  }

  @ParameterizedTest
  @CsvSource({
    "https://news.example,   200, X-None: x",
    "https://news.example,   200, Origin: https://news.example",
    "https://news.example,   200, Sec-Fetch-Site: same-origin",
    "https://news.example,   403, Sec-Fetch-Site: cross-site",
    "https://news.example,   403, Sec-Fetch-Site: none",
    "https://news.example,   403, Origin: https://friend.example",
    "https://news.example,   403, Origin: http://news.example",
    "https://news.example,   403, Origin: null",
    "https://friend.example, 200, Origin: https://friend.example",
    "https://friend.example, 403, Origin: https://friend.example.evil.example",
    "https://friend.example, 403, Origin: https://news.example",
    "https://friend.example, 403, X-None: x",
    "https://friend.example, 403, Sec-Fetch-Site: same-origin",
    "none,                   200, X-None: x",
    "none,                   200, Origin: https://news.example",
    "none,                   403, Origin: https://friend.example",
  })
  void aTicketIsShownByThePageThatGotIt(String page, int status, String header) throws Exception {
    String origin = page.equals("none") ? "" : "Origin: " + page + "\r\n";
    String ticket = ticket(HTTPS + bearer() + origin);
    String shown = HTTPS + header + "\r\n";
    assertEquals(status, status("news", ticket, shown));
    boolean sends = header.startsWith("Origin");
    if (sends) {
      ticket = ticket(HTTPS + bearer() + origin);
      assertEquals(status == 200 ? 101 : status, status("news", ticket, shown + WEBSOCKET));
    }
  }

  @Test
  void aProgramMayGetATicketForItsPage() throws Exception {
    String body = "{\"origin\":\"https://friend.example\"}";
    RawClient.Answer answer = post(HTTPS + bearer(), body);
    assertEquals(201, answer.status());
    var json = new JsonObject(answer.body());
    assertEquals(true, json.getBoolean("reconnect"));
    String ticket = json.getString("ticket");
    assertEquals(403, status("news", ticket, HTTPS));
    assertEquals(403, status("news", ticket, HTTPS + OWN));
    try (var client = open("GET", "news", ticket, HTTPS + FRIEND)) {
      assertEquals(200, client.status());
      assertEquals("true", client.headers().get("access-control-allow-credentials"));
      assertEquals("https://friend.example", client.headers().get("access-control-allow-origin"));
    }
    assertEquals(400, post(HTTPS + bearer() + OWN, body).status(), "another page's");
    for (String bad : List.of("null", "*", "https://a/b", "", "javascript:x", "https://")) {
      String named = new JsonObject().put("origin", bad).encode();
      assertEquals(400, post(HTTPS + bearer(), named).status(), bad);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "null",
        "1",
        "{",
        "{\"topic\":\"news\"}",
        "{\"topics\":\"news\"}",
        "{\"topics\":[]}",
        "{\"topics\":[1]}",
        "{\"topics\":null}",
        "{\"topics\":[\"a..b\"]}",
        "{\"origin\":1}"
      })
  void aBodyThatBreaksARuleIsAnswered400(String body) throws Exception {
    assertEquals(400, post(HTTPS + bearer(), body).status());
  }

  @Test
  void moreTopicsThanAUrlHoldsAreAnsweredWithTheRule() throws Exception {
    var topics = new JsonArray();
    for (int i = 0; i < 90; i++) {
      topics.add("orders.with-quite-a-long-name-" + i);
    }
    RawClient.Answer answer =
        post(HTTPS + bearer(), new JsonObject().put("topics", topics).encode());
    assertEquals(400, answer.status());
    assertEquals("topics", new JsonObject(answer.body()).getString("field"));
    for (int i = 0; i < 20; i++) {
      topics.add("x");
    }
    answer = post(HTTPS + bearer(), new JsonObject().put("topics", topics).encode());
    assertEquals("must have from 1 to 100 topics", new JsonObject(answer.body()).getString("rule"));
    assertEquals(413, post(HTTPS + bearer(), " ".repeat(9_000)).status());
  }

  @Test
  void aTicketByCookieNeedsAnOriginThatIsListedByName() throws Exception {
    String cookie = "Cookie: __Host-tidings=" + token + "\r\n";
    assertEquals(403, post(HTTPS + cookie, "").status());
    assertEquals(201, post(HTTPS + cookie + OWN, "").status());
    assertEquals(201, post(HTTPS + cookie + FRIEND, "").status());
    assertEquals(403, post(HTTPS + cookie + "Origin: https://evil.example\r\n", "").status());
    assertEquals(403, post(HTTPS + cookie + "Origin: null\r\n", "").status());
  }

  @Test
  void aPageOfAnotherOriginMayAskForATicket() throws Exception {
    try (var client = new RawClient(hub.port())) {
      client.send(
          "OPTIONS /tickets HTTP/1.1\r\n"
              + HTTPS
              + FRIEND
              + "Access-Control-Request-Method: POST\r\n\r\n");
      client.readHead();
      assertEquals(204, client.status());
      assertEquals("POST", client.headers().get("access-control-allow-methods"));
      assertEquals("true", client.headers().get("access-control-allow-credentials"));
      assertTrue(client.headers().get("access-control-allow-headers").contains("Authorization"));
    }
    RawClient.Answer answer = post(HTTPS + bearer() + FRIEND, "");
    assertEquals("https://friend.example", answer.headers().get("access-control-allow-origin"));
  }

  /** Where the browser keeps no cookie, a ticket opens one stream, once. */
  @ParameterizedTest
  @CsvSource({"PLAIN, https://news.example", "HTTPS, https://stranger.example"})
  void withoutACookieATicketOpensOneStreamAndTheAnswerSaysSo(String scheme, String page)
      throws Exception {
    boolean plain = scheme.equals("PLAIN");
    String head = plain ? PLAIN : HTTPS;
    String origin = "Origin: " + page + "\r\n";
    JsonObject issued = issued(head + bearer() + origin, "news");
    assertEquals(false, issued.getBoolean("reconnect"));
    String ticket = issued.getString("ticket");
    try (var client = open("GET", "news", ticket, head + origin)) {
      assertEquals(200, client.status());
      assertEquals(!plain, client.headers().containsKey("set-cookie"));
    }
    assertEquals(401, status("news", ticket, head + origin));
  }

  @Test
  void onThisMachineItselfTheCookieNeedsNoHttps() throws Exception {
    String local = "Host: localhost\r\n";
    JsonObject issued = issued(local + bearer() + "Origin: http://localhost\r\n");
    assertEquals(true, issued.getBoolean("reconnect"));
    String ticket = issued.getString("ticket");
    try (var client = open("GET", "news", ticket, local)) {
      assertEquals(200, client.status());
      String cookie = client.headers().get("set-cookie");
      assertTrue(
          cookie.matches("tidings-browser=[A-Za-z0-9_-]{22}; Path=/; HttpOnly; SameSite=Lax"),
          cookie);
      assertEquals(200, status("news", ticket, local + cookie(client)));
    }
    assertEquals(401, status("news", ticket, local));
  }

  @Test
  void aWebSocketIsOpenedByATicketAndGetsTheCookie() throws Exception {
    String ticket = ticket(HTTPS + bearer() + OWN, "news");
    String cookie;
    try (var client = open("GET", "news", ticket, HTTPS + OWN + WEBSOCKET)) {
      assertEquals(101, client.status());
      cookie = cookie(client);
    }
    assertEquals(101, status("news", ticket, HTTPS + OWN + WEBSOCKET + cookie));
    assertEquals(401, status("news", ticket, HTTPS + OWN + WEBSOCKET));
    assertEquals(403, status("orders.new", ticket, HTTPS + OWN + WEBSOCKET + cookie));
  }

  @Test
  void ofManyThatShowATicketAtOnceOneIsFirst() throws Exception {
    var threads = Executors.newFixedThreadPool(8);
    try {
      for (int round = 0; round < 5; round++) {
        String ticket = ticket(HTTPS + bearer() + OWN);
        Callable<Integer> show = () -> status("news", ticket, HTTPS);
        int opened = 0;
        for (Future<Integer> one : threads.invokeAll(Collections.nCopies(8, show))) {
          opened += one.get() == 200 ? 1 : 0;
        }
        assertEquals(1, opened);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aTicketEndsWithItsToken() throws Exception {
    JsonObject claims = claims("bob", grants(new JsonArray().add("news"), new JsonArray()));
    double end = Instant.now().toEpochMilli() / 1000.0 + 1.5;
    String bob = "Authorization: Bearer " + sign(claims.put("exp", end)) + "\r\n";
    String ticket = ticket(HTTPS + bob + OWN);
    String cookie = redeemed("news", ticket, HTTPS);
    Wait.until("the token has ended", () -> Instant.now().toEpochMilli() / 1000.0 > end);
    assertEquals(401, status("news", ticket, HTTPS + cookie));
  }

  @Test
  void aTicketIsWorthlessWhenItsTokenIsRevoked() throws Exception {
    JsonObject claims = claims("carol", grants(new JsonArray().add("news"), new JsonArray()));
    String carol = "Authorization: Bearer " + sign(claims.put("jti", "of carol")) + "\r\n";
    String used = ticket(HTTPS + carol + OWN);
    String unused = ticket(HTTPS + carol + OWN);
    String cookie = redeemed("news", used, HTTPS);
    String revocation =
        new JsonObject().put("issuer", TestTokens.ISSUER).put("jti", "of carol").encode();
    assertEquals(2, post("/revocations", HTTPS + bearer(), revocation).status() / 100);
    assertEquals(401, status("news", used, HTTPS + cookie));
    assertEquals(401, status("news", unused, HTTPS + cookie));
    assertEquals(401, post(HTTPS + carol, "").status());
  }

  @Test
  void ticketsAreLimitedAsStreamsThatAreOpened() throws Exception {
    try (var limited = RunningHub.start("limits.client.opens", "1")) {
      int status = 201;
      int tickets = 0;
      while (status == 201 && tickets < 100) {
        RawClient.Answer answer = RawClient.post(limited.port(), "/tickets", "");
        status = answer.status();
        tickets++;
        if (status == 429) {
          assertEquals("limits.client.opens", new JsonObject(answer.body()).getString("field"));
        }
      }
      assertEquals(429, status);
      assertTrue(tickets > 10, "ten seconds' worth at once");
    }
  }

  @Test
  void withoutATokenATicketIsForWhatEverybodyMayRead() throws Exception {
    JsonObject issued = issued(HTTPS + OWN, "public");
    assertEquals(true, issued.getBoolean("reconnect"));
    String ticket = issued.getString("ticket");
    for (int i = 0; i < 2; i++) {
      try (var client = open("GET", "public", ticket, HTTPS)) {
        assertEquals(200, client.status());
        assertFalse(client.headers().containsKey("set-cookie"));
      }
    }
    assertEquals(401, status("news", ticket, HTTPS));
    assertEquals(403, status("public", ticket, HTTPS + FRIEND));
  }

  @Test
  void anOpenHubGivesTicketsToo() throws Exception {
    try (var open = RunningHub.start()) {
      RawClient.Answer answer = RawClient.post(open.port(), "/tickets", "{\"topics\":[\"a\"]}");
      assertEquals(201, answer.status());
      String ticket = new JsonObject(answer.body()).getString("ticket");
      for (int i = 0; i < 2; i++) {
        try (var client = RawClient.subscribe(open.port(), "/events/a?ticket=" + ticket)) {
          assertEquals(200, client.status());
        }
      }
      try (var client = RawClient.subscribe(open.port(), "/events/b?ticket=" + ticket)) {
        assertEquals(401, client.status());
      }
      try (var client = RawClient.subscribe(open.port(), "/events/a?ticket=x.y")) {
        assertEquals(401, client.status());
      }
    }
  }

  @Test
  void noTicketIsInTheLogOrInMetrics() throws Exception {
    try (var log = new CapturedLog("")) {
      String ticket = ticket(HTTPS + bearer() + OWN, "news");
      String cookie = redeemed("news", ticket, HTTPS);
      String secret = cookie.substring(cookie.indexOf('=') + 1).strip();
      assertEquals(401, status("news", ticket, HTTPS));
      assertEquals(403, status("orders.new", ticket, HTTPS + cookie));
      assertEquals(401, status("news", ticket + "x", HTTPS + cookie));
      assertEquals(400, head("HEAD /events/news?ticket=" + ticket, HTTPS));
      String metrics;
      try (var client = new RawClient(hub.port())) {
        client.send("GET /metrics HTTP/1.1\r\n" + HTTPS + bearer() + "\r\n");
        metrics = client.answer().body();
      }
      assertTrue(metrics.contains("door=\"tickets\""), metrics);
      String lines = String.join("\n", log.lines());
      assertTrue(lines.contains("\"detail\":\"used\""), lines);
      assertTrue(lines.contains("\"subject\":\"alice\""), lines);
      for (String written : List.of(lines, metrics)) {
        for (String part : List.of(ticket.split("\\.")[0], ticket.split("\\.")[1], secret, token)) {
          assertFalse(written.contains(part), written);
        }
      }
    }
  }
}
