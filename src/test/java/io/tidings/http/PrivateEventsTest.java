package io.tidings.http;

import static io.tidings.http.TestTokens.claims;
import static io.tidings.http.TestTokens.grants;
import static io.tidings.http.TestTokens.sign;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Events that are marked private, on a hub whose topics everybody may read: in each format, live
 * and in replay, from memory and from the disk.
 */
@Timeout(60)
class PrivateEventsTest {
  private static final String END = "end";
  private static final String WEBSOCKET =
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
          + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";

  @TempDir private static Path directory;
  private static final Map<String, RunningHub> HUBS = new HashMap<>();
  private static String alice;
  private static String bob;
  private static String publisher;
  private static String sender;

  @BeforeAll
  static void start() throws Exception {
    for (String kind : List.of("memory", "disk")) {
      HUBS.put(
          kind,
          RunningHub.start(
              Map.of(
                  "auth.mode",
                  "required",
                  "auth.issuers",
                  TestTokens.issuers(directory),
                  "auth.secret",
                  "none",
                  "auth.anonymous.subscribe",
                  "**",
                  "auth.grants.subscribe",
                  "*.user.{sub}.**",
                  "log.kind",
                  kind,
                  "log.memory",
                  kind.equals("disk") ? "1MiB" : "64MiB", // so that replay reads the disk
                  "log.dir",
                  directory.resolve("log").toString())));
    }
    alice = token("alice", grants(new JsonArray(), new JsonArray()));
    bob = token("bob", grants(new JsonArray(), new JsonArray()));
    JsonArray all = new JsonArray().add("**");
    publisher = token("publisher", grants(all, all));
    sender = token("sender", grants(new JsonArray(), all));
  }

  @AfterAll
  static void stop() throws Exception {
    for (RunningHub hub : HUBS.values()) {
      hub.close();
    }
  }

  private static String token(String subject, JsonObject grants) throws Exception {
    return "Authorization: Bearer " + sign(claims(subject, grants));
  }

  /** The formats of a stream. */
  enum Format {
    SSE("", "X-None: 1"),
    ENVELOPES("&envelope=json", "X-None: 1"),
    NDJSON("", "Accept: application/x-ndjson"),
    WEBSOCKET("", PrivateEventsTest.WEBSOCKET);

    private final String parameter;
    private final String header;

    Format(String parameter, String header) {
      this.parameter = parameter;
      this.header = header;
    }

    RawClient open(int port, String target, String token) throws Exception {
      String separator = target.contains("?") ? "" : "?uncounted=";
      String all = target + separator + parameter;
      return token.isEmpty()
          ? RawClient.subscribe(port, all, header)
          : RawClient.subscribe(port, all, header, token);
    }

    List<String> data(String text) {
      Pattern data =
          Pattern.compile(this == SSE ? "(?m)^data: ?([a-z0-9]+)$" : "\"data\":\"([a-z0-9]+)\"");
      return data.matcher(text).results().map(match -> match.group(1)).toList();
    }
  }

  static Stream<Arguments> formatsAndLogs() {
    return Stream.of(Format.values())
        .flatMap(format -> HUBS.keySet().stream().map(kind -> Arguments.of(format, kind)));
  }

  private static JsonObject publish(String kind, String target, String data) throws Exception {
    var answer = RawClient.post(HUBS.get(kind).port(), "/events/" + target, data, publisher);
    assertEquals(200, answer.status(), answer.body());
    return new JsonObject(answer.body());
  }

  private static String text(RawClient client, String until) throws Exception {
    return new String(client.bytesUntil(until), StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @MethodSource("formatsAndLogs")
  void aPrivateEventIsDeliveredOnlyToWhoIsGrantedItsTopic(Format format, String kind)
      throws Exception {
    int port = HUBS.get(kind).port();
    String topic = "live.user.alice." + format.name();
    try (var owner = format.open(port, "/events/live.**", alice);
        var exact = format.open(port, "/events/" + topic, alice);
        var other = format.open(port, "/events/live.**", bob);
        var anonymous = format.open(port, "/events/" + topic, "")) {
      List<RawClient> all = List.of(owner, exact, other, anonymous);
      for (RawClient client : all) {
        text(client, "hub.open");
      }
      assertEquals(4, publish(kind, topic, "1").getInteger("subscribers"));
      assertEquals(2, publish(kind, topic + "?private", "2").getInteger("subscribers"));
      assertEquals(2, publish(kind, topic + "?private=true", "3").getInteger("subscribers"));
      publish(kind, topic, END);
      for (RawClient client : all) {
        boolean granted = client == owner || client == exact;
        String text = text(client, END);
        assertEquals(
            granted ? List.of("1", "2", "3", END) : List.of("1", END), format.data(text), text);
        assertFalse(text.contains("hub.gap"), text);
        int marks = granted && format != Format.SSE ? 2 : 0;
        assertEquals(marks, text.split("\"private\":true", -1).length - 1, text);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("formatsAndLogs")
  void aPrivateEventIsReplayedOnlyToWhoIsGrantedItsTopic(Format format, String kind)
      throws Exception {
    int port = HUBS.get(kind).port();
    String topic = "replay.user.alice." + format.name();
    publish(kind, topic, "1");
    publish(kind, topic + "?private&id=secret" + format, "2");
    publish(kind, topic, "3");
    for (int i = 0; i < 12; i++) { // more than the log on disk has in memory
      publish(kind, "filler?private", "x".repeat(100_000));
    }
    publish(kind, topic, END);
    for (String target : List.of("/events/" + topic, "/events/replay.*.*." + format.name())) {
      String earliest = target + "?last_event_id=earliest";
      assertEquals(List.of("1", "2", "3", END), received(format, port, earliest, alice));
      assertEquals(List.of("1", "3", END), received(format, port, earliest, bob));
      assertEquals(List.of("1", "3", END), received(format, port, earliest, ""));
      String after = target + "?last_event_id=secret" + format;
      assertEquals(List.of("3", END), received(format, port, after, alice));
      try (var client = format.open(port, after, bob)) {
        String text = text(client, END);
        assertTrue(text.contains("unknown"), text);
        assertEquals(List.of("1", "3", END), format.data(text), text);
      }
    }
  }

  private static List<String> received(Format format, int port, String target, String token)
      throws Exception {
    try (var client = format.open(port, target, token)) {
      String text = text(client, END);
      assertFalse(text.contains("hub.gap"), text);
      return format.data(text);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"memory", "disk"})
  void aPollIsAnsweredByAPrivateEventOnlyIfItIsGranted(String kind) throws Exception {
    int port = HUBS.get(kind).port();
    publish(kind, "poll.user.alice.a", "1");
    publish(kind, "poll.user.alice.a?private", "2");
    String earliest = "/events/poll.user.alice.a?last_event_id=earliest&wait=10ms";
    assertEquals(List.of("1", "2"), polled(poll(port, earliest, alice)));
    assertEquals(List.of("1"), polled(poll(port, earliest, "X-None: 1")));
    String both = "/events?topic=poll.user.alice.b&topic=poll.other&wait=30s";
    try (var owner = poll(port, "/events/poll.user.alice.b?wait=30s", alice);
        var other = poll(port, both, bob)) {
      assertTrue(answered(kind, owner, "poll.user.alice.b?private", "1").contains("1"));
      assertEquals(List.of("2"), answered(kind, other, "poll.other", "2"));
    }
  }

  /** Publishes until the poll, which may not have begun, is answered. */
  private static List<String> answered(String kind, RawClient poll, String target, String data)
      throws Exception {
    var answer = new FutureTask<>(() -> data(poll.answer()));
    new Thread(answer).start();
    Wait.until(
        "the poll is answered",
        () -> {
          publish(kind, target, data);
          return answer.isDone();
        });
    return answer.get();
  }

  private static RawClient poll(int port, String target, String token) throws Exception {
    var client = new RawClient(port);
    client.send(
        "GET %s HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n%s\r\n\r\n"
            .formatted(target, token));
    return client;
  }

  private static List<String> polled(RawClient client) throws Exception {
    try (client) {
      return data(client.answer());
    }
  }

  private static List<String> data(RawClient.Answer answer) {
    return new JsonObject(answer.body())
        .getJsonArray("events").stream()
            .map(event -> ((JsonObject) event).getString("data"))
            .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"memory", "disk"})
  void anEventOfABatchIsPrivateAndNeedsAGrantOnOneOfItsTopics(String kind) throws Exception {
    int port = HUBS.get(kind).port();
    String batch =
        """
        {"topic":["batch.a","batch.user.alice.a"],"data":"1","private":true}
        {"topic":["batch.a","batch.user.bob.a"],"data":"2","private":true}
        {"topic":"batch.a","data":"3","private":false}
        {"topic":"batch.a","data":"end"}
        """;
    assertEquals(200, RawClient.post(port, "/events", batch, publisher).status());
    String earliest = "?last_event_id=earliest";
    String all = "/events/batch.**" + earliest;
    assertEquals(List.of("1", "3", END), received(Format.NDJSON, port, all, alice));
    assertEquals(List.of("2", "3", END), received(Format.NDJSON, port, all, bob));
    assertEquals(List.of("3", END), received(Format.NDJSON, port, all, ""));
    // as with public events, the stream must also have asked for a topic that is granted
    assertEquals(
        List.of("3", END), received(Format.NDJSON, port, "/events/batch.a" + earliest, alice));
  }

  @Test
  void theLatestEventIsThatWhichMayBeRead() throws Exception {
    for (String kind : HUBS.keySet()) {
      int port = HUBS.get(kind).port();
      publish(kind, "latest.user.alice.a", END);
      publish(kind, "latest.user.alice.a?private", "2");
      String latest = "/events/latest.user.alice.a?since=latest";
      assertEquals(List.of(END), received(Format.SSE, port, latest, ""));
      try (var client = Format.SSE.open(port, latest, alice)) {
        assertEquals(List.of("2"), client.awaitData(1));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"no", "false", "1", "TRUE"})
  void anotherValueOfTheMarkIsRefused(String value) throws Exception {
    int port = HUBS.get("memory").port();
    var one = RawClient.post(port, "/events/a?private=" + value, "1", publisher);
    assertEquals(400, one.status());
    assertEquals("private", new JsonObject(one.body()).getString("field"));
    assertEquals("must have no value, or true", new JsonObject(one.body()).getString("rule"));
    String line = "{\"topic\":\"a\",\"data\":1,\"private\":\"%s\"}".formatted(value);
    var batch = RawClient.post(port, "/events", line, publisher);
    assertEquals(400, batch.status());
    assertEquals("must be true or false", new JsonObject(batch.body()).getString("rule"));
    assertEquals(400, RawClient.post(port, "/events?private", line, publisher).status());
  }

  @Test
  void onlyWhoMayReadPrivateEventsOfATopicLearnsHowManyOthersDo() throws Exception {
    int port = HUBS.get("memory").port();
    var answer = RawClient.post(port, "/events/count.user.alice.a", "1", sender);
    assertTrue(new JsonObject(answer.body()).containsKey("subscribers"), answer.body());
    answer = RawClient.post(port, "/events/count.user.alice.a?private", "1", sender);
    assertFalse(new JsonObject(answer.body()).containsKey("subscribers"), answer.body());
  }

  @Test
  void aSessionTellsWhosePrivateEventsOneReads() throws Exception {
    int port = HUBS.get("memory").port();
    for (var who : Map.of(alice, "[\"*.user.alice.**\"]", "X-None: 1", "[]").entrySet()) {
      try (var client = new RawClient(port)) {
        client.send("GET /session HTTP/1.1\r\nHost: localhost\r\n" + who.getKey() + "\r\n\r\n");
        var session = new JsonObject(client.answer().body());
        assertEquals(who.getValue(), session.getJsonArray("private").encode());
        assertEquals(new JsonArray().add("**"), session.getJsonArray("subscribe"));
      }
    }
  }

  @Test
  void aRepetitionOfAKeyWithoutTheMarkIsAnotherPublication() throws Exception {
    int port = HUBS.get("disk").port();
    String key = "Idempotency-Key: private";
    var first = RawClient.post(port, "/events/key.a?private", "1", publisher, key);
    assertEquals(200, first.status());
    assertEquals(
        first.body().replaceAll(",\"subscribers.*", ""),
        RawClient.post(port, "/events/key.a?private", "1", publisher, key)
            .body()
            .replaceAll(",\"subscribers.*", ""));
    assertEquals(
        422 / 100, RawClient.post(port, "/events/key.a", "1", publisher, key).status() / 100);
  }

  @Test
  void everythingOfAnOpenHubIsReadByEverybody() throws Exception {
    try (var open = RunningHub.start()) {
      RawClient.post(open.port(), "/events/a?private", "1");
      RawClient.post(open.port(), "/events/a", END);
      assertEquals(
          List.of("1", END),
          received(Format.SSE, open.port(), "/events/a?last_event_id=earliest", ""));
    }
  }
}
