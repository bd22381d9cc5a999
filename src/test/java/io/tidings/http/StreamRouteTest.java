package io.tidings.http;

import static io.tidings.http.TestTokens.claims;
import static io.tidings.http.TestTokens.grants;
import static io.tidings.http.TestTokens.sign;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.wire.EventStreamParser.ReceivedEvent;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Streams that end with their tokens, and are renewed before. */
@Timeout(60)
@BothOutlets
class StreamRouteTest {
  private static final String UNKNOWN = "AAAAAAAAAAAAAAAAAAAAAA";
  private static final String LINES = "Accept: application/x-ndjson";

  @TempDir private static Path directory;

  @Parameter private String outlet;

  private RunningHub hub;

  @BeforeEach
  void start() throws Exception {
    hub =
        RunningHub.startWithTokens(
            directory,
            Map.of(
                "auth.anonymous.subscribe",
                "public.**",
                "cors.subscribe",
                "https://friend.example",
                "limits.client.opens",
                20,
                "stream.outlet",
                outlet));
  }

  @AfterEach
  void stop() throws Exception {
    hub.close();
  }

  private static String token(String subject, String... topics) throws Exception {
    var granted = new JsonArray(List.of(topics));
    return sign(claims(subject, grants(granted, new JsonArray().add("**"))));
  }

  private static String bearer(String token) {
    return "Authorization: Bearer " + token;
  }

  /** A token of alice that ends in some seconds. */
  private static String brief(String... topics) throws Exception {
    var granted = new JsonArray(List.of(topics));
    return sign(
        claims("alice", grants(granted, new JsonArray()))
            .put("exp", Instant.now().getEpochSecond() + 3));
  }

  private RawClient subscribe(String target, String... headers) throws Exception {
    RawClient client = RawClient.subscribe(hub.port(), target, headers);
    assertEquals(200, client.status());
    return client;
  }

  private RawClient subscribeSse(String target, String... headers) throws Exception {
    RawClient client = subscribe(target, headers).countingAllBlocks();
    client.await(received -> !client.parser().all("hub.open").isEmpty());
    return client;
  }

  private static JsonObject opening(RawClient client) {
    return new JsonObject(client.parser().all("hub.open").get(0).data());
  }

  private static String id(RawClient client) {
    return opening(client).getString("stream");
  }

  private RawClient.Answer renew(String id, String body, String... headers) throws Exception {
    return RawClient.post(hub.port(), "/streams/" + id, body, headers);
  }

  private void publish(String topic, String data) throws Exception {
    assertEquals(
        200,
        RawClient.post(hub.port(), "/events/" + topic, data, bearer(token("publisher"))).status());
  }

  /** Publishes when the client has been sent everything before. */
  private static List<String> data(RawClient client, int count) throws Exception {
    client.await(received -> client.parser().messages().size() >= count);
    return client.parser().messages().stream().map(ReceivedEvent::data).toList();
  }

  @Test
  void aStreamEndsWithItsToken() throws Exception {
    String token = brief("a");
    try (var client = subscribeSse("/events/a", bearer(token))) {
      String expires = opening(client).getString("expires");
      List<ReceivedEvent> all = client.awaitEnd();
      assertEquals(
          "{\"expires\":\"" + expires + "\"}", client.parser().all("hub.auth").get(0).data());
      ReceivedEvent last = all.get(all.size() - 1);
      assertEquals("hub.end", last.type());
      assertEquals("{\"reason\":\"expired\"}", last.data());
      assertFalse(Instant.now().isBefore(Instant.parse(expires).minusSeconds(1)));
      assertEquals(all.get(0).lastEventId(), last.lastEventId());
    }
  }

  @Test
  void aStreamOfLinesEndsWithItsToken() throws Exception {
    try (var client = subscribe("/events/a", LINES, bearer(brief("a")))) {
      List<JsonObject> lines = client.lines(Integer.MAX_VALUE);
      assertEquals(
          List.of("hub.open", "hub.auth", "hub.end"),
          lines.stream().map(line -> line.getString("type")).toList());
      assertEquals("", lines.get(1).getString("id"));
      assertEquals(lines.get(0).getString("id"), lines.get(2).getString("id"));
    }
  }

  @Test
  void aStreamOfStatisticsEndsWithItsToken() throws Exception {
    String token =
        sign(
            claims("alice", new JsonObject().put("admin", true))
                .put("exp", Instant.now().getEpochSecond() + 4));
    try (var client = subscribe("/stats", bearer(token)).countingAllBlocks()) {
      List<ReceivedEvent> all = client.awaitEnd();
      assertEquals(1, client.parser().all("hub.auth").size());
      assertEquals("{\"reason\":\"expired\"}", all.get(all.size() - 1).data());
      assertEquals("hub.end", all.get(all.size() - 1).type());
    }
  }

  @Test
  void aPollIsAnsweredWhenItsTokenEnds() throws Exception {
    try (var client = new RawClient(hub.port())) {
      client.send(
          "GET /events/a?wait=25s HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n"
              + bearer(brief("a"))
              + "\r\n\r\n");
      RawClient.Answer answer = client.answer();
      assertEquals(200, answer.status(), answer.body());
      assertEquals(new JsonArray(), new JsonObject(answer.body()).getJsonArray("events"));
      assertNotNull(new JsonObject(answer.body()).getString("last_event_id"));
    }
  }

  /** The texts of a WebSocket, and its close code. */
  private static final class Texts implements WebSocket.Listener {
    private final BlockingQueue<JsonObject> lines = new LinkedBlockingQueue<>();
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        lines.add(new JsonObject(text.toString()));
        text.setLength(0);
      }
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
      closed.complete(status);
      return null;
    }

    JsonObject next() throws InterruptedException {
      JsonObject next = lines.poll(20, TimeUnit.SECONDS);
      assertNotNull(next, "timed out");
      return next;
    }
  }

  private Texts socket(String target, String token) {
    var texts = new Texts();
    HttpClient.newHttpClient()
        .newWebSocketBuilder()
        .header("Authorization", "Bearer " + token)
        .buildAsync(URI.create("ws://localhost:" + hub.port() + target), texts)
        .join();
    return texts;
  }

  @Test
  void aWebSocketIsClosedWhenItsTokenEnds() throws Exception {
    Texts texts = socket("/events/a", brief("a"));
    assertEquals("hub.open", texts.next().getString("type"));
    assertEquals("hub.auth", texts.next().getString("type"));
    JsonObject end = texts.next();
    assertEquals("hub.end", end.getString("type"));
    assertEquals("{\"reason\":\"expired\"}", end.getString("data"));
    assertEquals(1_008, texts.closed.get(20, TimeUnit.SECONDS));
  }

  @Test
  void aStreamIsRenewedAndGoesOn() throws Exception {
    String token = brief("a");
    try (var client = subscribeSse("/events/a", bearer(token))) {
      publish("a", "1");
      RawClient.Answer answer =
          renew(id(client), "{\"topics\":[\"a\",\"b.**\"]}", bearer(token("alice", "a", "b.x")));
      assertEquals(200, answer.status(), answer.body());
      assertEquals("no-store", answer.headers().get("cache-control"));
      var json = new JsonObject(answer.body());
      assertEquals(new JsonArray().add("a").add("b.x"), json.getJsonArray("filter"));
      Instant ends = Instant.parse(json.getString("expires"));
      assertTrue(ends.isAfter(Instant.now().plusSeconds(600)));
      publish("b.x", "2");
      publish("b.y", "not granted");
      publish("a", "3");
      assertEquals(List.of("1", "2", "3"), data(client, 3));
      List<ReceivedEvent> told = client.parser().all("hub.auth");
      var last = new JsonObject(told.get(told.size() - 1).data());
      assertEquals(json.getString("expires"), last.getString("expires"));
      assertEquals(json.getJsonArray("filter"), last.getJsonArray("filter"));
      // beyond the end of the first token
      while (Instant.now().isBefore(Instant.parse(opening(client).getString("expires")))) {
        publish("a", "more");
      }
      publish("b.x", "last");
      client.await(received -> client.parser().messages().toString().contains("last"));
    }
  }

  @Test
  void aStreamOfLinesAndAWebSocketAreRenewed() throws Exception {
    String old = token("alice", "a");
    String fresh = token("alice", "a", "b");
    Texts texts = socket("/events/a", old);
    try (var client = subscribe("/events/a", LINES, bearer(old))) {
      JsonObject opened = client.lines(1).get(0);
      for (JsonObject opening : List.of(opened, texts.next())) {
        String id = new JsonObject(opening.getString("data")).getString("stream");
        assertEquals(200, renew(id, "{\"topics\":[\"b\"]}", bearer(fresh)).status());
      }
      publish("a", "not any more");
      publish("b", "1");
      List<JsonObject> lines = client.lines(2);
      assertEquals("hub.auth", lines.get(0).getString("type"));
      assertEquals("1", lines.get(1).getString("data"));
      assertEquals("hub.auth", texts.next().getString("type"));
      assertEquals("1", texts.next().getString("data"));
    }
  }

  @Test
  void onlyTheSamePrincipalMayRenew() throws Exception {
    try (var client = subscribeSse("/events/a", bearer(token("alice", "a")))) {
      String id = id(client);
      RawClient.Answer other = renew(id, "", bearer(token("bob", "a")));
      assertEquals(403, other.status());
      assertFalse(other.body().contains("alice"), other.body());
      assertEquals(401, renew(id, "").status());
      assertEquals(401, renew(id, "", bearer("a.b.c")).status());
      assertEquals(403, renew(id, "", bearer(token("alice"))).status());
      RawClient.Answer narrow =
          renew(id, "{\"topics\":[\"a\",\"b\"]}", bearer(token("alice", "a")));
      assertEquals(403, narrow.status());
      assertEquals(
          "must be one that is granted (subscribe): b",
          new JsonObject(narrow.body()).getString("rule"));
      assertEquals(404, renew(UNKNOWN, "", bearer(token("alice", "a"))).status());
      assertEquals(404, renew("x", "", bearer(token("alice", "a"))).status());
      assertEquals(401, renew("x", "", bearer("a.b.c")).status());
      publish("a", "1");
      assertEquals(List.of("1"), data(client, 1));
      assertEquals(List.of(), client.parser().all("hub.auth"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{            | body",
        "[]           | body",
        "{} {}        | body",
        "{'topic':[]} | body",
        "{'topics':['a'],'topics':['b']} | body",
        "{'topics':[]} | topics",
        "{'topics':'a'} | topics",
        "{'topics':null} | topics",
        "{'topics':['a',1]} | topics[1]",
        "{'topics':['a.**.b']} | topics[0]"
      })
  void aWrongBodyIsRefusedWithItsField(String body, String field) throws Exception {
    String token = bearer(token("alice", "a"));
    try (var client = subscribeSse("/events/a", token)) {
      RawClient.Answer answer = renew(id(client), body.replace('\'', '"'), token);
      assertEquals(400, answer.status(), answer.body());
      assertEquals(field, new JsonObject(answer.body()).getString("field"));
      assertEquals(413, renew(id(client), "x".repeat(70_000), token).status());
    }
  }

  @Test
  void whoHasNoTokenMayChangeAStreamThatNeededNone() throws Exception {
    try (var client = subscribeSse("/events/public.a")) {
      String id = id(client);
      assertEquals(200, renew(id, "{\"topics\":[\"public.b\"]}").status());
      assertEquals(401, renew(id, "{\"topics\":[\"secret\"]}").status());
      assertEquals(403, renew(id, "", bearer(token("alice", "public.**"))).status());
      publish("public.a", "not any more");
      publish("public.b", "1");
      assertEquals(List.of("1"), data(client, 1));
    }
  }

  @Test
  void atAnOpenHubWhoKnowsTheIdMayChangeTheTopics() throws Exception {
    try (RunningHub open = RunningHub.start("stream.outlet", outlet);
        var client = RawClient.subscribe(open.port(), "/events/a").countingAllBlocks()) {
      client.await(received -> !received.isEmpty());
      assertFalse(opening(client).containsKey("expires"));
      RawClient.Answer answer =
          RawClient.post(open.port(), "/streams/" + id(client), "{\"topics\":[\"b\"]}");
      assertEquals(new JsonObject("{\"filter\":[\"b\"]}"), new JsonObject(answer.body()));
      RawClient.post(open.port(), "/events/b", "1");
      assertEquals(List.of("1"), data(client, 1));
      assertEquals(404, RawClient.post(open.port(), "/streams/" + UNKNOWN, "").status());
    }
  }

  @Test
  void aPageOfAnotherSiteMayNotUseTheCookie() throws Exception {
    String host = "X-Forwarded-Proto: https";
    String cookie = "Cookie: __Host-tidings=" + token("alice", "a");
    try (var client = subscribeSse("/events/a", host, cookie)) {
      String id = id(client);
      assertEquals(403, renew(id, "", host, cookie, "Origin: https://friend.example").status());
      assertEquals(403, renew(id, "", host, cookie, "Origin: https://evil.example").status());
      assertEquals(200, renew(id, "", host, cookie, "Origin: https://localhost").status());
      String token = bearer(token("alice", "a"));
      assertEquals(200, renew(id, "", token, "Origin: https://friend.example").status());
      assertEquals(403, renew(id, "", token, "Origin: https://evil.example").status());
    }
  }

  @Test
  void pagesThatMaySubscribeMayAskWhetherTheyMayRenew() throws Exception {
    for (String origin : List.of("https://friend.example", "https://evil.example")) {
      try (var client = new RawClient(hub.port())) {
        client.send(
            "OPTIONS /streams/x HTTP/1.1\r\nHost: localhost\r\nOrigin: "
                + origin
                + "\r\nAccess-Control-Request-Method: POST\r\n\r\n");
        client.readHead();
        boolean friend = origin.contains("friend");
        assertEquals(friend ? 204 : 403, client.status());
        assertEquals(friend ? "POST" : null, client.headers().get("access-control-allow-methods"));
      }
    }
  }

  @Test
  void renewalsCountAsStreamsThatAreOpened() throws Exception {
    String token = bearer(token("alice", "a"));
    try (var client = subscribeSse("/events/a", token)) {
      RawClient.Answer answer = renew(id(client), "", token);
      for (int i = 0; i < 2_000 && answer.status() == 200; i++) {
        answer = renew(id(client), "", token);
      }
      assertEquals(429, answer.status());
      assertEquals("limits.client.opens", new JsonObject(answer.body()).getString("field"));
    }
  }

  /** Topics change a hundred times while events are published: of "a" none is lost or repeated. */
  @Test
  void nothingIsLostOfATopicThatStaysWhileManyEventsArePublished() throws Exception {
    long seed = System.nanoTime();
    var random = new Random(seed);
    try (RunningHub open = RunningHub.start("stream.outlet", outlet);
        var client = RawClient.subscribe(open.port(), "/events/a").countingAllBlocks()) {
      client.await(received -> !received.isEmpty());
      String path = "/streams/" + id(client);
      int batches = 100;
      int batch = 50;
      var failure = new CompletableFuture<Void>();
      var publisher =
          new Thread(
              () -> {
                try {
                  for (int i = 0; i < batches; i++) {
                    assertEquals(200, publishBatch(open, i * batch, batch).status());
                  }
                  failure.complete(null);
                } catch (Exception | Error e) {
                  failure.completeExceptionally(e);
                }
              });
      publisher.start();
      List<String> choices =
          List.of("[\"a\"]", "[\"a\",\"b\"]", "[\"*\"]", "[\"a\",\"c.**\"]", "[\"**\"]");
      for (int i = 0; i < 100; i++) {
        String topics = choices.get(random.nextInt(choices.size()));
        assertEquals(
            200, RawClient.post(open.port(), path, "{\"topics\":" + topics + "}").status());
      }
      failure.get(30, TimeUnit.SECONDS);
      String last = "a" + (batches * batch - 1);
      client.await(received -> has(received, last));
      var received = new ArrayList<String>(data(client, 1));
      received.removeIf(one -> !one.startsWith("a"));
      assertEquals(
          IntStream.range(0, batches * batch).mapToObj(i -> "a" + i).toList(),
          received,
          "seed " + seed);
    }
  }

  private static boolean has(List<ReceivedEvent> received, String data) {
    int from = Math.max(0, received.size() - 100); // "b" and others may follow
    return received.subList(from, received.size()).stream()
        .anyMatch(one -> one.data().equals(data));
  }

  private static RawClient.Answer publishBatch(RunningHub to, int from, int count)
      throws Exception {
    var events = new JsonArray();
    for (int i = from; i < from + count; i++) {
      events.add(new JsonObject().put("topic", "b").put("data", "b" + i));
      events.add(new JsonObject().put("topic", "a").put("data", "a" + i));
    }
    return RawClient.post(to.port(), "/events", events.encode());
  }
}
