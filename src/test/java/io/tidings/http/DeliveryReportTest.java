package io.tidings.http;

import static io.tidings.http.TestTokens.claims;
import static io.tidings.http.TestTokens.grants;
import static io.tidings.http.TestTokens.sign;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.CapturedLog;
import io.tidings.auth.Principal;
import io.tidings.cluster.AllNodes;
import io.tidings.fanout.SubscriptionCounts;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a publisher learns of the streams that it reaches, on a hub with two event loops. */
@Timeout(60)
class DeliveryReportTest {
  private static final JsonObject BOTH =
      grants(new JsonArray().add("**"), new JsonArray().add("**"));
  private static final JsonObject PUBLISHER = grants(new JsonArray(), new JsonArray().add("**"));

  @TempDir private Path directory;
  private RunningHub hub;

  @BeforeEach
  void start() throws Exception {
    hub = RunningHub.startWithTokens(directory, Map.of());
  }

  @AfterEach
  void stop() throws Exception {
    hub.close();
  }

  private static String token(JsonObject grants) throws Exception {
    return "Authorization: Bearer " + sign(claims("alice", grants));
  }

  private RawClient subscribe(String target) throws Exception {
    return RawClient.subscribe(hub.port(), target, token(BOTH));
  }

  private JsonObject publish(String target, String body, JsonObject grants) throws Exception {
    RawClient.Answer answer = RawClient.post(hub.port(), target, body, token(grants));
    assertEquals(200, answer.status(), answer.body());
    return new JsonObject(answer.body());
  }

  private static JsonObject report(int streams) {
    var counts = new JsonObject().put("streams", streams).put("live", streams).put("behind", 0);
    return counts
        .copy()
        .put("nodes", new JsonObject().put("alone", counts))
        .put("missing", new JsonArray());
  }

  @Test
  void theReportHasTheStreamsOfAllLoopsThatMatch() throws Exception {
    try (var one = subscribe("/events/orders.new");
        var two = subscribe("/events/orders.*");
        var three = subscribe("/events?topic=orders.new&topic=news");
        var other = subscribe("/events/news")) {
      JsonObject answer = publish("/events/orders.new?report", "1", BOTH);
      assertEquals(report(3), answer.getJsonObject("report"));
      assertEquals(3, answer.getInteger("subscribers"));
      assertEquals(report(0), publish("/events/x?report=true", "1", BOTH).getJsonObject("report"));
    }
  }

  @Test
  void ofABatchAStreamCountsOnce() throws Exception {
    try (var one = subscribe("/events?topic=orders.new&topic=news");
        var two = subscribe("/events/**");
        var other = subscribe("/events/other")) {
      String batch =
          """
          {"topic":["orders.new","news"],"data":1}
          {"topic":"news","data":2}
          """;
      assertEquals(report(2), publish("/events?report", batch, BOTH).getJsonObject("report"));
    }
  }

  @Test
  void onlyWhoMayReadTheTopicsGetsAReport() throws Exception {
    assertFalse(publish("/events/a?report", "1", PUBLISHER).containsKey("report"));
    JsonObject some = grants(new JsonArray().add("orders.**"), new JsonArray().add("**"));
    String batch = "{\"topic\":\"orders.a\",\"data\":1}\n{\"topic\":\"news\",\"data\":1}";
    assertFalse(publish("/events?report", batch, some).containsKey("report"));
  }

  @Test
  void withoutTheParameterThereIsNoReport() throws Exception {
    assertFalse(publish("/events/a", "1", BOTH).containsKey("report"));
    RawClient.Answer answer = RawClient.post(hub.port(), "/events/a?report=no", "1", token(BOTH));
    assertEquals(400, answer.status());
    assertEquals("report", new JsonObject(answer.body()).getString("field"));
  }

  @Test
  void aBatchOfTooManyTopicsHasNone() throws Exception {
    var batch = new StringBuilder();
    for (int i = 0; i <= DeliveryReports.MAX_TOPICS; i++) {
      batch.append("{\"topic\":\"t").append(i).append("\",\"data\":1}\n");
    }
    JsonObject answer = publish("/events?report", batch.toString(), BOTH);
    assertTrue(answer.containsKey("report"));
    assertNull(answer.getValue("report"));
    assertEquals(DeliveryReports.MAX_TOPICS + 1, answer.getJsonArray("ids").size());
  }

  @Test
  void aReportThatFailsChangesNothingOfTheAnswer() throws Exception {
    var nodes = new AllNodes("alone", Optional.empty());
    nodes.answer("reach", asked -> Future.failedFuture("an event loop has ended"));
    var reports = new DeliveryReports(new SubscriptionCounts(), nodes);
    try (var log = new CapturedLog(DeliveryReports.class)) {
      JsonObject answer =
          RunningHub.get(reports.add(new JsonObject().put("id", "1"), Principal.HUB, List.of()));
      assertEquals(new JsonObject().put("id", "1").putNull("report"), answer);
      assertTrue(log.contains("could not be counted"), log.lines()::toString);
    }
  }
}
