package io.tidings.http;

import static io.tidings.http.TestTokens.claims;
import static io.tidings.http.TestTokens.grants;
import static io.tidings.http.TestTokens.sign;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.cluster.AllNodes.Answer;
import io.tidings.cluster.AllNodes.Answers;
import io.tidings.limits.LimitKey;
import io.tidings.limits.PublisherRate;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The publishers of a hub, as an administrator sees them. */
@Timeout(60)
class PublishersRouteTest {
  private static final JsonObject ORDERS =
      grants(new JsonArray(), new JsonArray().add("orders.**"));

  @TempDir private Path directory;
  private RunningHub hub;

  @BeforeEach
  void start() throws Exception {
    hub =
        RunningHub.startWithTokens(
            directory,
            Map.of("auth.anonymous.publish", "public.**", "limits.client.publishes", "10"));
  }

  @AfterEach
  void stop() throws Exception {
    hub.close();
  }

  private static String token(String subject, JsonObject grants) throws Exception {
    return "Authorization: Bearer " + sign(claims(subject, grants));
  }

  private int publish(String target, String body, String... headers) throws Exception {
    return RawClient.post(hub.port(), target, body, headers).status();
  }

  private RawClient.Answer get(String target, String header) throws Exception {
    try (var client = new RawClient(hub.port())) {
      client.send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + header + "\r\n\r\n");
      return client.answer();
    }
  }

  private List<JsonObject> list() throws Exception {
    RawClient.Answer answer =
        get("/publishers", token("root", new JsonObject().put("admin", true)));
    assertEquals(200, answer.status(), answer.body());
    return new JsonObject(answer.body())
        .getJsonArray("publishers").stream().map(JsonObject.class::cast).toList();
  }

  @Test
  void principalsAndAddressesAreListedWithWhatTheyPublished() throws Exception {
    String batch = "{\"topic\":\"orders.a\",\"data\":1}\n".repeat(6);
    assertEquals(200, publish("/events", batch, token("shop", ORDERS)));
    assertEquals(200, publish("/events/public.a", "0123456789"));
    List<JsonObject> all = list();
    assertEquals(2, all.size(), all::toString);
    JsonObject shop = all.get(0);
    assertEquals("shop", shop.getString("subject"));
    assertEquals(TestTokens.ISSUER, shop.getString("issuer"));
    assertEquals(0.1, shop.getDouble("events"));
    assertEquals(batch.length() / 60, shop.getLong("bytes"), 1);
    assertEquals(List.of("alone"), shop.getJsonArray("nodes").getList());
    assertEquals("127.0.0.1", all.get(1).getString("address"));
  }

  @Test
  void refusalsAreCountedByReason() throws Exception {
    String shop = token("shop", ORDERS);
    assertEquals(403, publish("/events/news", "1", shop));
    String batch = "{\"topic\":\"orders.a\",\"data\":1}\n".repeat(20);
    assertEquals(200, publish("/events", batch, shop));
    assertEquals(429, publish("/events", batch, shop));
    assertEquals(401, publish("/events/orders.a", "1"));
    List<JsonObject> all = list();
    assertEquals(
        new JsonObject().put("publish", 1).put("publishes", 1),
        all.get(0).getJsonObject("refusals"));
    assertEquals(new JsonObject().put("no_token", 1), all.get(1).getJsonObject("refusals"));
  }

  @Test
  void whatWasNotStoredIsNotListed() throws Exception {
    assertEquals(400, publish("/events/orders.a?retry=x", "1", token("shop", ORDERS)));
    assertEquals(List.of(), list());
  }

  @Test
  void aPublisherAtSeveralNodesIsOne() {
    var merged =
        PublishersRoute.merge(
            new Answers(
                List.of(
                    node("one", rate("shop", 1, 10), rate("till", 2, 1)),
                    node("two", rate("shop", 3, 5))),
                List.of("three")),
            10);
    assertEquals(
        new JsonObject(
            """
            {"publishers": [
              {"issuer": "i", "subject": "shop", "events": 4.0, "bytes": 15, "refusals": {}, "nodes": ["one", "two"]},
              {"issuer": "i", "subject": "till", "events": 2.0, "bytes": 1, "refusals": {}, "nodes": ["one"]}
            ], "missing": ["three"]}
            """),
        new JsonObject(merged.encode()));
  }

  @Test
  void theAnswerOfANodeIsBounded() {
    var many = new ArrayList<PublisherRate>();
    for (int i = 0; i < 1_000; i++) {
      many.add(rate("s".repeat(196) + i, 1, 1));
    }
    JsonObject answer = PublishersRoute.ofNode(many);
    assertTrue(answer.encode().length() < 100_000);
    assertTrue(answer.getJsonArray("publishers").size() > 200);
  }

  private static PublisherRate rate(String subject, double events, double bytes) {
    return new PublisherRate(LimitKey.ofPrincipal("i", subject), events, bytes, Map.of());
  }

  private static Answer node(String name, PublisherRate... rates) {
    return new Answer(name, new JsonObject(PublishersRoute.ofNode(List.of(rates)).encode()));
  }
}
