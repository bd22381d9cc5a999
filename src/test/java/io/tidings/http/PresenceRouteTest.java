package io.tidings.http;

import static io.tidings.http.TestTokens.claims;
import static io.tidings.http.TestTokens.sign;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.tidings.wire.EventStreamParser.ReceivedEvent;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is present, as the clients of a hub with two event loops see it. */
@Timeout(60)
class PresenceRouteTest {
  @TempDir private Path directory;
  private RunningHub hub;

  @BeforeEach
  void start() throws Exception {
    hub =
        RunningHub.startWithTokens(
            directory,
            Map.of(
                "auth.anonymous.subscribe",
                "chat.public",
                "presence.topics",
                "chat.**",
                "presence.linger",
                "0"));
  }

  @AfterEach
  void stop() throws Exception {
    hub.close();
  }

  /** The header of one who may read the topics of the chat. */
  private static String token(String subject) throws Exception {
    return token(subject, new JsonObject().put("subscribe", new JsonArray().add("chat.**")));
  }

  private static String token(String subject, JsonObject grants) throws Exception {
    JsonObject payload = new JsonObject().put("name", subject.toUpperCase());
    return "Authorization: Bearer " + sign(claims(subject, grants).put("payload", payload));
  }

  /** The header of one who may see names too. */
  private static String seeing(String subject) throws Exception {
    return token(
        subject,
        new JsonObject().put("subscribe", new JsonArray().add("chat.**")).put("presence", true));
  }

  private RawClient.Answer get(String target, String... headers) throws Exception {
    try (var client = new RawClient(hub.port())) {
      client.send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n");
      for (String header : headers) {
        client.send(header + "\r\n");
      }
      client.send("\r\n");
      return client.answer();
    }
  }

  private JsonObject presence(String topic, String... headers) throws Exception {
    RawClient.Answer answer = get("/presence/" + topic, headers);
    assertEquals(200, answer.status(), answer.body());
    return new JsonObject(answer.body());
  }

  private static Set<String> subjects(JsonArray members) {
    return members.stream()
        .map(one -> ((JsonObject) one).getString("subject"))
        .collect(Collectors.toSet());
  }

  private RawClient subscribe(String target, String... headers) throws Exception {
    return RawClient.subscribe(hub.port(), target, headers);
  }

  @Test
  void streamsOfAllLoopsAndFormatsArePresent() throws Exception {
    try (var stream = subscribe("/events/chat.a", token("alice"));
        var again = subscribe("/events?topic=chat.a&topic=chat.b", token("alice"));
        var lines = subscribe("/events/chat.a", token("bob"), "Accept: application/x-ndjson");
        var glob = subscribe("/events/chat.*", token("carol"));
        var poll = new RawClient(hub.port())) {
      poll.send(
          "GET /events/chat.a?wait=30s HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n"
              + token("dave")
              + "\r\n\r\n");
      String root = seeing("root");
      Wait.until("all are", () -> presence("chat.a", root).getInteger("count") >= 3);
      JsonObject state = presence("chat.a", root);
      assertEquals(Set.of("alice", "bob", "dave"), subjects(state.getJsonArray("members")));
      assertEquals(3, state.getInteger("principals"));
      assertEquals(0, state.getInteger("anonymous"));
      assertEquals("chat.a", state.getString("topic"));
      assertEquals(new JsonArray(), state.getJsonArray("missing"));
      assertFalse(state.getBoolean("more"));
      JsonObject alice =
          state.getJsonArray("members").stream()
              .map(JsonObject.class::cast)
              .filter(one -> one.getString("subject").equals("alice"))
              .findFirst()
              .orElseThrow();
      assertEquals(2, alice.getInteger("streams"));
      assertEquals("ALICE", alice.getJsonObject("payload").getString("name"));
      JsonObject first = presence("chat.a?limit=1", root);
      assertEquals(1, first.getJsonArray("members").size());
      assertTrue(first.getBoolean("more"));
      JsonObject counts = presence("chat.a", token("eve"));
      assertEquals(
          Set.of("topic", "count", "principals", "anonymous", "missing"), counts.fieldNames());
      stream.close();
      again.close();
      Wait.until("she has left", () -> presence("chat.a", root).getInteger("count") == 2);
    }
  }

  @Test
  void whoeverHasNoTokenIsCounted() throws Exception {
    try (var nobody = subscribe("/events/chat.public")) {
      Wait.until("it is", () -> presence("chat.public").getInteger("anonymous") == 1);
      assertEquals(1, presence("chat.public").getInteger("count"));
    }
    Wait.until("it has left", () -> presence("chat.public").getInteger("count") == 0);
  }

  @Test
  void aStreamIsToldWhoComesAndGoes() throws Exception {
    try (var watcher = subscribe("/events/chat.a?presence", seeing("root"))) {
      ReceivedEvent state = presenceEvents(watcher, 1).get(0);
      assertEquals(Set.of("root"), subjects(new JsonObject(state.data()).getJsonArray("members")));
      try (var stream = subscribe("/events/chat.a", token("alice"))) {
        JsonObject joined = new JsonObject(presenceEvents(watcher, 2).get(1).data());
        assertEquals(Set.of("alice"), subjects(joined.getJsonArray("joined")));
      }
      JsonObject left = new JsonObject(presenceEvents(watcher, 3).get(2).data());
      assertEquals(Set.of("alice"), subjects(left.getJsonArray("left")));
      assertEquals(1, left.getInteger("count"));
    }
  }

  private static List<ReceivedEvent> presenceEvents(RawClient watcher, int count) throws Exception {
    watcher.countingAllBlocks().await(all -> watcher.parser().all("hub.presence").size() >= count);
    return watcher.parser().all("hub.presence");
  }

  @Test
  void linesAndWebSocketsAreToldToo() throws Exception {
    try (var lines =
        subscribe("/events/chat.a?presence", seeing("bob"), "Accept: application/x-ndjson")) {
      JsonObject line = lines.lines(2).get(1);
      assertEquals("hub", line.getString("topic"));
      assertEquals("hub.presence", line.getString("type"));
      assertEquals("", line.getString("id"));
      assertEquals("chat.a", new JsonObject(line.getString("data")).getString("topic"));
    }
    var messages = new CopyOnWriteArrayList<JsonObject>();
    String[] header = seeing("carol").split(": ", 2);
    var options =
        new WebSocketConnectOptions()
            .setHost("127.0.0.1")
            .setPort(hub.port())
            .setURI("/events/chat.a?presence")
            .addHeader(header[0], header[1]);
    RunningHub.get(
        hub.vertx()
            .createWebSocketClient()
            .connect(options)
            .onSuccess(
                socket -> socket.textMessageHandler(text -> messages.add(new JsonObject(text)))));
    Wait.until(
        "it is told: " + messages,
        () -> messages.stream().anyMatch(one -> one.getString("type").equals("hub.presence")));
  }

  @Test
  void aTicketHasTheGrantAndThePayloadOfItsToken() throws Exception {
    RawClient.Answer issued =
        RawClient.post(hub.port(), "/tickets", "{\"topics\":[\"chat.a\"]}", seeing("alice"));
    assertEquals(201, issued.status(), issued.body());
    String ticket = new JsonObject(issued.body()).getString("ticket");
    try (var watcher = subscribe("/events/chat.a?presence&ticket=" + ticket)) {
      JsonObject state = new JsonObject(presenceEvents(watcher, 1).get(0).data());
      JsonObject alice = state.getJsonArray("members").getJsonObject(0);
      assertEquals("ALICE", alice.getJsonObject("payload").getString("name"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/presence/chat.*, 400, topic",
    "/presence/chat..a, 400, topic",
    "/presence/chat.a?limit=0, 400, limit",
    "/presence/chat.a?limit=1001, 400, limit",
    "/presence/chat.a?other, 400, other",
    "/events/chat.*?presence, 400, presence",
    "/presence/news, 403, topic",
  })
  void aRequestThatBreaksARuleIsRefused(String target, int status, String field) throws Exception {
    RawClient.Answer answer = get(target, token("alice"));
    assertEquals(status, answer.status(), answer.body());
    assertEquals(field, new JsonObject(answer.body()).getString("field"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"//presence/chat.a", "/x/../presence/chat.a", "/%70resence/chat%2Ea"})
  void thePathIsReadAsTheRouterReadsIt(String target) throws Exception {
    RawClient.Answer answer = get(target, token("alice"));
    assertEquals(200, answer.status(), answer.body());
    assertEquals("chat.a", new JsonObject(answer.body()).getString("topic"));
  }

  @Test
  void theRightToReadTheTopicIsNeeded() throws Exception {
    assertEquals(401, get("/presence/chat.a").status());
    String other = token("bob", new JsonObject().put("subscribe", new JsonArray().add("news")));
    assertEquals(403, get("/presence/chat.a", other).status());
    RawClient.Answer unknown = get("/presence/news", other);
    assertEquals(404, unknown.status());
    assertTrue(unknown.body().contains("presence.topics"), unknown.body());
    RawClient.Answer poll =
        get("/events/chat.a?presence", token("alice"), "Accept: application/json");
    assertEquals(400, poll.status(), poll.body());
  }

  @Test
  void aHubThatIsNotToKnowSaysWhichSettingIsMissing() throws Exception {
    try (var off = RunningHub.start()) {
      RawClient.Answer answer;
      try (var client = new RawClient(off.port())) {
        client.send("GET /presence/chat.a HTTP/1.1\r\nHost: localhost\r\n\r\n");
        answer = client.answer();
      }
      assertEquals(404, answer.status());
      assertTrue(answer.body().contains("presence.topics"), answer.body());
      try (var client = new RawClient(off.port())) {
        client.send("GET /events/chat.a?presence HTTP/1.1\r\nHost: localhost\r\n\r\n");
        answer = client.answer();
      }
      assertEquals(400, answer.status());
      assertTrue(answer.body().contains("presence.topics"), answer.body());
      try (var on = RunningHub.start("presence.topics", "chat.**")) {
        assertEquals(
            on.vertx().deploymentIDs().size() - 1,
            off.vertx().deploymentIDs().size(),
            "no event loop, no timer");
      }
    }
  }
}
