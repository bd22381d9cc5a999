package io.tidings.http;

import static io.tidings.http.TestTokens.claims;
import static io.tidings.http.TestTokens.grants;
import static io.tidings.http.TestTokens.sign;
import static io.tidings.http.TestTokens.unsigned;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each door of a hub that requires rights, with each kind of principal and fault of the token. */
@Timeout(60)
class DoorsTest {
  private static final JsonObject ORDERS =
      grants(new JsonArray().add("orders.**"), new JsonArray().add("orders.**"));
  private static final JsonObject NEWS =
      grants(new JsonArray().add("news"), new JsonArray().add("news"));
  private static final JsonObject ADMIN =
      grants(new JsonArray().add("**"), new JsonArray().add("**")).put("admin", true);

  @TempDir private static Path directory;
  private static RunningHub hub;

  @BeforeAll
  static void start() throws Exception {
    hub =
        RunningHub.start(
            Map.of(
                "limits.client.logins",
                0,
                "auth.mode",
                "required",
                "auth.issuers",
                TestTokens.issuers(directory),
                "auth.secret",
                "none",
                "auth.anonymous.subscribe",
                "public.**",
                "cors.publish",
                "https://friend.example",
                "cors.subscribe",
                "https://friend.example"));
  }

  @AfterAll
  static void stop() throws Exception {
    hub.close();
  }

  /** A request to each door; the right that it needs is that of {@link #ORDERS}, or admin. */
  enum Way {
    PUBLISH("POST /events/orders.new", "", "1", false),
    BATCH("POST /events", "", "{\"topic\":\"orders.new\",\"data\":1}", false),
    SSE("GET /events/orders.new", "", "", false),
    NDJSON("GET /events/orders.*", "Accept: application/x-ndjson\r\n", "", false),
    POLL("GET /events/orders.new?wait=10ms", "Accept: application/json\r\n", "", false),
    WEBSOCKET("GET /events/orders.**", WEBSOCKET_HEADERS, "", false),
    HEAD("HEAD /events/orders.new", "", "", false),
    HEAD_OF_POLL("HEAD /events/orders.new", "Accept: application/json\r\n", "", false),
    PROBE("GET /probe?for=10ms", "", "", false),
    STATS("GET /stats", "", "", true),
    CLUSTER("GET /cluster", "", "", true),
    METRICS("HEAD /metrics", "", "", true),
    PUBLISHERS("GET /publishers", "", "", true),
    STREAMS("GET /streams", "", "", true);

    private final String line;
    private final String headers;
    private final String body;
    private final boolean hubsOwn;

    Way(String line, String headers, String body, boolean hubsOwn) {
      this.line = line;
      this.headers = headers;
      this.body = body;
      this.hubsOwn = hubsOwn;
    }

    int status(String head) throws Exception {
      return DoorsTest.status(line, headers + head, body);
    }

    JsonObject needed() {
      return hubsOwn ? new JsonObject().put("admin", true) : ORDERS;
    }

    int success() {
      return this == WEBSOCKET ? 101 : 200;
    }
  }

  private static final String WEBSOCKET_HEADERS =
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
          + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

  /** What may be wrong with a token, or with how it is shown. */
  enum Fault {
    MISSING,
    EMPTY,
    GARBAGE,
    EXPIRED,
    ENDLESS,
    EARLY,
    FORGED,
    UNSIGNED,
    STRIPPED,
    OTHER_ISSUER,
    OTHER_ALGORITHM,
    GIVEN_TWICE,
    OTHER_SCHEME;

    String head(JsonObject grants) throws Exception {
      JsonObject claims = claims("alice", grants);
      long now = claims.getLong("exp") - 3_600;
      String good = sign(claims);
      return switch (this) {
        case MISSING -> "";
        case EMPTY -> "Authorization: Bearer \r\n";
        case GARBAGE -> bearer("x.y.z");
        case EXPIRED -> bearer(sign(claims.put("exp", now - 60)));
        case ENDLESS -> {
          claims.remove("exp");
          yield bearer(sign(claims));
        }
        case EARLY -> bearer(sign(claims.put("nbf", now + 600)));
        case FORGED -> bearer(sign("HS256", "x".repeat(40), claims));
        case UNSIGNED -> bearer(unsigned(claims));
        case STRIPPED -> bearer(good.substring(0, good.lastIndexOf('.')));
        case OTHER_ISSUER -> bearer(sign(claims.put("iss", "https://evil.example/")));
        case OTHER_ALGORITHM -> bearer(sign("HS512", TestTokens.SECRET, claims));
        case GIVEN_TWICE -> bearer(good) + bearer(good);
        case OTHER_SCHEME -> "Authorization: Basic YTpi\r\n";
      };
    }
  }

  static Stream<Arguments> doorsAndFaults() {
    return Stream.of(Way.values())
        .flatMap(way -> Stream.of(Fault.values()).map(fault -> Arguments.of(way, fault)));
  }

  @ParameterizedTest
  @MethodSource("doorsAndFaults")
  void nobodyPassesADoorWithAFaultyToken(Way way, Fault fault) throws Exception {
    boolean anonymous = fault == Fault.MISSING && way == Way.PROBE; // may read public topics
    assertEquals(anonymous ? 200 : 401, way.status(fault.head(way.needed())));
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void whoeverHasTheRightPassesADoor(Way way) throws Exception {
    assertEquals(way.success(), way.status(token(way.needed())));
    assertEquals(way.success(), way.status(token(way.needed()))); // verified before
  }

  @ParameterizedTest
  @EnumSource(value = Way.class, mode = EnumSource.Mode.EXCLUDE, names = "PROBE")
  void aTokenWithoutTheRightIsForbidden(Way way) throws Exception {
    assertEquals(403, way.status(token(NEWS)));
    assertEquals(403, way.status(token(new JsonObject())));
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void aTokenInTheUrlIsNotLookedAt(Way way) throws Exception {
    String token = sign(claims("alice", way.needed()));
    String separator = way.line.contains("?") ? "&" : "?";
    for (String parameter : new String[] {"token", "access_token", "authorization"}) {
      int status = status(way.line + separator + parameter + "=" + token, way.headers, way.body);
      assertTrue(status == 400 || status == 401, way + ": " + status);
    }
  }

  @Test
  void aRefusalSaysWhatIsNeeded() throws Exception {
    var none = RawClient.post(hub.port(), "/events/orders.new", "1");
    assertEquals("Bearer realm=\"tidings\"", none.headers().get("www-authenticate"));
    var expired =
        RawClient.post(hub.port(), "/events/orders.new", "1", Fault.EXPIRED.head(ORDERS).strip());
    assertEquals(
        "Bearer realm=\"tidings\", error=\"invalid_token\", error_description=\"expired\"",
        expired.headers().get("www-authenticate"));
    var other = RawClient.post(hub.port(), "/events/orders.new", "1", token(NEWS).strip());
    assertEquals(
        "Bearer realm=\"tidings\", error=\"insufficient_scope\"",
        other.headers().get("www-authenticate"));
    var problem = new JsonObject(other.body());
    assertEquals("topic", problem.getString("field"));
    assertEquals("must be one that is granted (publish): orders.new", problem.getString("rule"));
  }

  @Test
  void aTokenMayHaveEightKibibytes() throws Exception {
    JsonObject claims = claims("alice", ORDERS).put("pad", "");
    int rest = 8 * 1024 - sign(claims).length();
    String token = sign(claims.put("pad", "x".repeat(rest * 3 / 4)));
    assertTrue(token.length() > 8 * 1024 - 3, token.length() + " characters");
    assertEquals(200, status("GET /session", bearer(token), ""));
  }

  /** A body that is waited for takes memory from those who may publish. */
  @ParameterizedTest
  @ValueSource(strings = {"/events/orders.new", "/events"})
  void whoMayNotPublishIsRefusedBeforeTheBodyHasArrived(String path) throws Exception {
    try (var client = new RawClient(hub.port())) {
      client.send("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000\r\n\r\n{");
      client.readHead();
      assertEquals(401, client.status());
    }
    JsonObject reader = grants(new JsonArray().add("**"), new JsonArray());
    try (var client = new RawClient(hub.port())) {
      client.send(
          "POST "
              + path
              + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000\r\n"
              + token(reader)
              + "\r\n{");
      client.readHead();
      assertEquals(403, client.status());
    }
  }

  @Test
  void aBatchIsRefusedAsAWholeWithTheLineThatIsNotGranted() throws Exception {
    String batch =
        """
        {"topic":"orders.batch","data":1}
        {"topic":["orders.batch","news"],"data":2}
        """;
    var answer = RawClient.post(hub.port(), "/events", batch, token(ORDERS).strip());
    assertEquals(403, answer.status());
    var problem = new JsonObject(answer.body());
    assertEquals(2, problem.getInteger("line"));
    assertTrue(problem.getString("rule").endsWith(": news"), answer.body());
    assertEquals(0, pollAll("orders.batch").size());
  }

  @Test
  void aStreamReceivesOnlyWhatIsGrantedAndSaysSo() throws Exception {
    String admin = token(ADMIN).strip();
    RawClient.post(hub.port(), "/events/news", "for others", admin);
    RawClient.post(hub.port(), "/events/orders.cut", "first", admin);
    try (var client =
        RawClient.subscribe(
            hub.port(), "/events/**?last_event_id=earliest&envelope=json", token(ORDERS).strip())) {
      RawClient.post(hub.port(), "/events/news", "for others", admin);
      RawClient.post(hub.port(), "/events/orders.cut", "last", admin);
      var received = client.await(all -> all.toString().contains("last"));
      assertFalse(received.toString().contains("for others"), received::toString);
      var opening = new JsonObject(client.parser().all("hub.open").get(0).data());
      assertEquals(
          new JsonArray().add("orders.**").add("public.**"), opening.getJsonArray("filter"));
      assertEquals(new JsonArray().add("**"), opening.getJsonArray("asked"));
    }
  }

  @Test
  void aPollIsAnsweredWithWhatItWasCutTo() throws Exception {
    var filter = new JsonArray().add("orders.**").add("public.**");
    var asked = new JsonArray().add("**");
    JsonObject empty = poll("**?wait=10ms", ORDERS);
    assertEquals(
        new JsonObject()
            .put("events", new JsonArray())
            .put("last_event_id", empty.getString("last_event_id"))
            .put("filter", filter)
            .put("asked", asked),
        empty);
    String since = "&last_event_id=" + empty.getString("last_event_id");
    for (String data : List.of("small", "x".repeat(900_000))) { // the second arrives in parts
      RawClient.post(hub.port(), "/events/orders.poll", data, token(ADMIN).strip());
      JsonObject answer = poll("**?wait=10s" + since, ORDERS);
      JsonArray events = answer.getJsonArray("events");
      assertEquals(data, events.getJsonObject(events.size() - 1).getString("data"));
      assertEquals(filter, answer.getValue("filter"));
      assertEquals(asked, answer.getValue("asked"));
      since = "&last_event_id=" + answer.getString("last_event_id");
    }
  }

  @Test
  void aPollThatReceivesAllThatItAsksForSaysNothingAboutItsFilter() throws Exception {
    JsonObject answer = poll("orders.*?wait=10ms", ORDERS);
    assertEquals(Set.of("events", "last_event_id"), answer.fieldNames());
  }

  /** Each token is a new one, so that each is verified on another thread. */
  @Test
  void clientsThatLeaveWhileTheirTokenIsVerifiedLeaveNoStream() throws Exception {
    for (int i = 0; i < 50; i++) {
      try (var client = new RawClient(hub.port())) {
        String token = sign(claims("leaves" + i, ORDERS));
        client.send(
            "GET /events/orders.left HTTP/1.1\r\nHost: localhost\r\n" + bearer(token) + "\r\n");
      }
    }
    Wait.until(
        "no stream is left",
        () -> {
          var answer =
              RawClient.post(hub.port(), "/events/orders.left", "1", token(ORDERS).strip());
          return new JsonObject(answer.body()).getInteger("subscribers") == 0;
        });
  }

  @Test
  void whoHasNoTokenMayDoWhatIsGrantedToAll() throws Exception {
    assertEquals(200, status("GET /events/public.a", "", ""));
    assertEquals(401, status("POST /events/public.a", "", "1"));
    assertEquals(401, status("GET /events?topic=public.a&topic=orders.new", "", ""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"**", "*.*", "hub.stats"})
  void theHubsOwnTopicsAreNotGrantedByGlobsOfOthers(String granted) throws Exception {
    JsonObject all = grants(new JsonArray().add(granted), new JsonArray());
    assertEquals(granted.equals("hub.stats") ? 200 : 403, Way.STATS.status(token(all)));
    assertEquals(403, Way.METRICS.status(token(all)));
    assertEquals(403, status("GET /events/hub.log", token(all), ""));
  }

  @Test
  void theHubsLogIsReadByItsOwnGrantOnly() throws Exception {
    JsonObject all = grants(new JsonArray().add("**"), new JsonArray());
    JsonObject own = grants(new JsonArray().add("hub.log"), new JsonArray());
    String admin = token(ADMIN).strip();
    String refusedJob = "/events/scenes.jobs?type=start"; // which is logged
    try (var everything =
            RawClient.subscribe(hub.port(), "/events?topic=**&topic=scenes.*", token(all).strip());
        var log = RawClient.subscribe(hub.port(), "/events/hub.log", token(own).strip())) {
      RawClient.post(hub.port(), refusedJob, "{\"id\":\"no\"}", admin);
      var lines = log.await(received -> received.toString().contains("refused, scenes.jobs"));
      assertTrue(lines.stream().anyMatch(line -> line.type().equals("warning")), lines::toString);
      RawClient.post(hub.port(), "/events/news", "the last", admin);
      var received = everything.await(events -> events.toString().contains("the last"));
      assertFalse(received.toString().contains("refused, scenes.jobs"), received::toString);
    }
    String replay = "GET /events/%s?last_event_id=earliest&for=10ms";
    assertEquals(200, status(replay.formatted("hub.log"), token(own), ""));
    assertFalse(poll("**?last_event_id=earliest", all).toString().contains("hub.log"));
    assertTrue(poll("hub.log?last_event_id=earliest", own).toString().contains("refused, "));
  }

  @Test
  void scenesAreStartedByTheirOwnGrantOnly() throws Exception {
    String start = "POST /events/scenes.jobs?type=none";
    JsonObject all = grants(new JsonArray(), new JsonArray().add("**"));
    JsonObject own = grants(new JsonArray(), new JsonArray().add("scenes.jobs"));
    assertEquals(403, status(start, token(all), "{}"));
    assertEquals(200, status(start, token(own), "{}"));
    assertEquals(200, status(start, token(new JsonObject().put("admin", true)), "{}"));
  }

  @Test
  void onlyWhoMayReadATopicLearnsHowManyOthersDo() throws Exception {
    JsonObject publisher = grants(new JsonArray(), new JsonArray().add("orders.**"));
    var answer = RawClient.post(hub.port(), "/events/orders.x", "1", token(publisher).strip());
    assertFalse(new JsonObject(answer.body()).containsKey("subscribers"), answer.body());
    answer = RawClient.post(hub.port(), "/events/orders.x", "1", token(ORDERS).strip());
    assertTrue(new JsonObject(answer.body()).containsKey("subscribers"), answer.body());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/health/live", "/health/ready", "/scenes/", "/tidings.js"})
  void pagesAndHealthNeedNoToken(String path) throws Exception {
    assertEquals(200, status("GET " + path, "", ""));
    assertEquals(200, status("HEAD " + path, Fault.FORGED.head(ADMIN), ""));
  }

  @Test
  void aPreflightNeedsNoTokenAndAllowsToSendOne() throws Exception {
    try (var client = new RawClient(hub.port())) {
      client.send(
          "OPTIONS /events/a HTTP/1.1\r\nHost: localhost\r\nOrigin: https://friend.example\r\n"
              + "Access-Control-Request-Method: POST\r\n\r\n");
      client.readHead();
      assertEquals(204, client.status());
      String headers = client.headers().get("access-control-allow-headers");
      assertTrue(headers.contains("Authorization"), headers);
    }
  }

  @ParameterizedTest
  @CsvSource({"9, 200", "12, 400"})
  void aFilterMayMeetManyGrantsButNotMoreThanAThousand(int globs, int status) throws Exception {
    var granted = new JsonArray();
    for (int i = 0; i < 100; i++) {
      granted.add("*.g" + i);
    }
    var target = new StringBuilder("GET /events?topic=public.a");
    for (int i = 0; i < globs; i++) {
      target.append("&topic=a").append(i).append(".*");
    }
    String token = token(grants(granted, new JsonArray()));
    assertEquals(status, status(target.toString(), token, ""));
  }

  private static JsonArray pollAll(String topic) throws Exception {
    return poll(topic + "?wait=10ms&last_event_id=earliest", ADMIN).getJsonArray("events");
  }

  private static JsonObject poll(String target, JsonObject grants) throws Exception {
    var request =
        HttpRequest.newBuilder(
                URI.create("http://localhost:%d/events/%s".formatted(hub.port(), target)))
            .header("Accept", "application/json")
            .header("Authorization", token(grants).strip().split(": ")[1])
            .timeout(Duration.ofSeconds(20))
            .build();
    return new JsonObject(HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body());
  }

  static String token(JsonObject grants) throws Exception {
    return bearer(sign(claims("alice", grants)));
  }

  static String bearer(String token) {
    return "Authorization: Bearer " + token + "\r\n";
  }

  /**
   * The status of the answer to a request with the given request line (without the version) and
   * headers, each with its line end.
   */
  private static int status(String line, String headers, String body) throws Exception {
    try (var client = new RawClient(hub.port())) {
      client.send(
          "%s HTTP/1.1\r\nHost: localhost\r\n%s%s\r\n%s"
              .formatted(
                  line,
                  headers,
                  line.startsWith("POST") ? "Content-Length: " + body.length() + "\r\n" : "",
                  body));
      client.readHead();
      return client.status();
    }
  }

  @Test
  void anOutageOfKeysIsNoFailedLogin() throws Exception {
    var away =
        new JsonObject()
            .put("issuer", TestTokens.ISSUER)
            .put("keys", "http://127.0.0.1:1/jwks.json");
    try (var required =
        RunningHub.start(
            Map.of(
                "limits.client.logins",
                1,
                "auth.mode",
                "required",
                "auth.issuers",
                new JsonArray().add(away)))) {
      for (int i = 0; i < 3; i++) {
        String token = sign("ES256", TestTokens.SECRET, claims("user" + i, ORDERS));
        var answer =
            RawClient.post(required.port(), "/events/orders.new", "1", bearer(token).strip());
        assertEquals(401, answer.status());
        assertTrue(answer.headers().get("www-authenticate").contains("\"outage\""));
      }
    }
  }
}
