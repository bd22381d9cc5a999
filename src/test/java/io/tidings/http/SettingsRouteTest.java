package io.tidings.http;

import static io.tidings.http.TestTokens.claims;
import static io.tidings.http.TestTokens.grants;
import static io.tidings.http.TestTokens.sign;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The settings of a cluster of one node, by HTTP. */
@Timeout(60)
class SettingsRouteTest {
  private static final String PATH = "/cluster/settings";
  private static final String CHANGE = "{\"limits.body\":\"10\",\"limits.topic\":4}";

  @TempDir private Path directory;
  private RunningHub hub;

  @BeforeEach
  void start() throws Exception {
    hub =
        RunningHub.startWithTokens(
            directory,
            Map.of(
                "log.kind",
                "auto",
                "log.dir",
                directory.resolve("log").toString(),
                "cluster.kind",
                "raft",
                "cluster.members",
                "127.0.0.1:" + freePort()));
  }

  private static int freePort() throws IOException {
    try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  @AfterEach
  void stop() throws Exception {
    hub.close();
  }

  private static String token(JsonObject grants) throws Exception {
    return "Authorization: Bearer " + sign(claims("root", grants));
  }

  private RawClient.Answer post(String path, String body) throws Exception {
    JsonObject grants =
        grants(new JsonArray().add("**"), new JsonArray().add("**")).put("admin", true);
    return RawClient.post(hub.port(), path, body, token(grants));
  }

  private JsonObject change(String body) throws Exception {
    RawClient.Answer answer = post(PATH, body);
    assertEquals(200, answer.status(), answer.body());
    return new JsonObject(answer.body());
  }

  @Test
  void onlyAnAdministratorMayChangeThem() throws Exception {
    assertEquals(401, RawClient.post(hub.port(), PATH, CHANGE).status());
    String token = token(grants(new JsonArray().add("hub.cluster"), new JsonArray().add("**")));
    assertEquals(403, RawClient.post(hub.port(), PATH, CHANGE, token).status());
    String origin = "Origin: https://elsewhere.example";
    assertEquals(403, RawClient.post(hub.port(), PATH, CHANGE, origin).status());
  }

  @Test
  void aChangeIsInForceWithoutARestart() throws Exception {
    assertEquals(200, post("/events/topic", "more than ten bytes").status());
    JsonObject changed = change(CHANGE);
    assertEquals("10", changed.getJsonObject("settings").getString("limits.body"));
    assertEquals("10m", changed.getJsonObject("settings").getString("log.once"));
    assertEquals("1MiB", changed.getJsonObject("ignored").getString("limits.body"));
    assertTrue(changed.getBoolean("replicated"));
    assertEquals(changed, new JsonObject(get().body()));
    RawClient.Answer tooLarge = post("/events/a", "more than ten bytes");
    assertEquals(413, tooLarge.status());
    assertTrue(tooLarge.body().contains("must not exceed 10 bytes"), tooLarge.body());
    assertEquals(400, post("/events/topic", "short").status());
    assertEquals(200, post("/events/a", "short").status());
    RawClient.Answer ticket = post("/tickets", "{\"topics\":[\"topic\"]}");
    assertEquals(400, ticket.status(), ticket.body());
    change("{\"limits.body\":\"1MiB\",\"limits.topic\":\"1KiB\"}");
    assertEquals(200, post("/events/topic", "more than ten bytes").status());
  }

  @Test
  void aKeyIsRecognisedForAsLongAsTheClusterSays() throws Exception {
    change("{\"log.once\":0}");
    assertEquals(200, publish("1"));
    assertEquals(200, publish("2"));
    change("{\"log.once\":\"1h\"}");
    assertEquals(200, publish("3"));
    assertEquals(400, publish("4")); // used before with other events
  }

  private int publish(String data) throws Exception {
    String token = token(grants(new JsonArray().add("**"), new JsonArray().add("**")));
    return RawClient.post(hub.port(), "/events/a", data, token, "Idempotency-Key: key").status();
  }

  @Test
  void whatIsNotAllowedIsNamedWithItsRuleAndChangesNothing() throws Exception {
    for (String body : new String[] {"", "[]", "{}", "7", "{\"limits.body\":"}) {
      assertEquals(400, post(PATH, body).status(), body);
    }
    RawClient.Answer answer = post(PATH, "{\"limits.topic\":4,\"log.once\":\"2d\"}");
    assertEquals(400, answer.status());
    assertTrue(answer.body().contains("log.once=2d: must be at most 1d"), answer.body());
    answer = post(PATH, "{\"log.once\":{\"a\":1}}");
    assertEquals(400, answer.status(), answer.body());
    answer = post(PATH, "{\"http.port\":80}");
    assertEquals(400, answer.status());
    assertTrue(answer.body().contains("these are: log.once"), answer.body());
    assertEquals(200, post("/events/topic", "1").status());
  }

  private RawClient.Answer get() throws Exception {
    String token = token(new JsonObject().put("admin", true));
    try (var client = new RawClient(hub.port())) {
      client.send("GET " + PATH + " HTTP/1.1\r\nHost: localhost\r\n" + token + "\r\n\r\n");
      return client.answer();
    }
  }

  @Test
  void aHeadRequestIsAnsweredAsAGetWithoutTheBody() throws Exception {
    String token = token(new JsonObject().put("admin", true));
    try (var client = new RawClient(hub.port())) {
      client.send("HEAD " + PATH + " HTTP/1.1\r\nHost: localhost\r\n" + token + "\r\n\r\n");
      client.readHead();
      assertEquals(200, client.status());
    }
  }

  @Test
  void aHubThatIsNoNodeOfAClusterRefuses() throws Exception {
    hub.close();
    hub = RunningHub.startWithTokens(directory, Map.of());
    RawClient.Answer answer = post(PATH, CHANGE);
    assertEquals(409, answer.status(), answer.body());
    assertTrue(answer.body().contains("not a node of a cluster"), answer.body());
    assertEquals(409, get().status());
  }
}
