package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.tidings.http.RawClient.Answer;
import io.tidings.sse.EventStreamParser.Heard;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

@BothOutlets
class StatusTest {
  @Parameter private String outlet;

  private RunningHub hub;

  @BeforeEach
  void start() throws Exception {
    hub = RunningHub.start("stream.outlet", outlet);
  }

  @AfterEach
  void stop() throws Exception {
    hub.close();
  }

  private Answer ask(String method, String target) throws Exception {
    try (var client = new RawClient(hub.port())) {
      client.say(method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
      if (method.equals("HEAD")) {
        client.readHead();
        return new Answer(client.status(), client.headers(), "");
      }
      return client.answer();
    }
  }

  @Test
  void aHubThatServesIsAliveAndReady() throws Exception {
    for (String target : new String[] {"/health/live", "/health/ready"}) {
      assertEquals("{\"status\":\"UP\"}", ask("GET", target).body());
      assertEquals(200, ask("HEAD", target).status());
      Answer refused = ask("DELETE", target);
      assertEquals(405, refused.status());
      assertEquals("GET, HEAD", refused.headers().get("allow"));
    }
  }

  @Test
  void theFiguresTellWhatHappens() throws Exception {
    try (var client = RawClient.hear(hub.port(), "/events/a")) {
      RawClient.post(hub.port(), "/events/a", "1");
      client.await(1);
      String figures = ask("GET", "/metrics").body();
      for (String line :
          new String[] {
            "tidings_streams 1.0", "tidings_events_in_total 1.0", "tidings_events_out_total 1.0"
          }) {
        assertTrue(figures.lines().anyMatch(line::equals), line + " in " + figures);
      }
    }
    Wait.until("the stream is gone", () -> hub.hub().streams() == 0);
    assertTrue(
        ask("GET", "/metrics")
            .body()
            .contains("tidings_streams_closed_total{reason=\"client\"} 1.0"));
  }

  @Test
  void theHubSaysHowItIsToThoseWhoHearIt() throws Exception {
    try (var client = RawClient.hear(hub.port(), "/events/hub.stats")) {
      client.await(2);
      var stats = new JsonObject(client.parser().heard().get(1).data());
      assertEquals(1, stats.getInteger("streams"));
      assertEquals("memory", stats.getJsonObject("log").getString("kind"));
      assertEquals(1, stats.getJsonArray("nodes").size());
      assertEquals("hub.stats", stats.getJsonArray("topics").getJsonObject(0).getString("topic"));
    }
  }

  @Test
  void theSlowestAreToldOfByTheAddressThatABelievedProxyTells() throws Exception {
    try (var slow = new RawClient(hub.port(), 4_096);
        var watching = RawClient.hear(hub.port(), "/events/hub.stats")) {
      slow.say("GET /events/a HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n");
      Wait.until("both hear", () -> hub.hub().streams() == 2);
      for (int i = 0; i < 20; i++) {
        RawClient.post(hub.port(), "/events/a", "x".repeat(500_000));
      }
      List<Heard> heard =
          watching.await(stats -> !stats.isEmpty() && !slow(stats.get(stats.size() - 1)).isEmpty());
      JsonObject slowest = slow(heard.get(heard.size() - 1)).getJsonObject(0);
      assertEquals("203.0.113.9", slowest.getString("address"));
      assertEquals("a", slowest.getJsonArray("topics").getString(0));
      assertTrue(slowest.getInteger("lag") > 0);
    }
  }

  private static JsonArray slow(Heard stats) {
    return new JsonObject(stats.data()).getJsonArray("slow");
  }

  @Test
  void thePageIsServedAndWhatIsHiddenIsNot() throws Exception {
    assertTrue(ask("GET", "/").body().contains("<title>Tidings</title>"));
    assertEquals("no-cache", ask("GET", "/tidings.js").headers().get("cache-control"));
    assertEquals("scenes/", ask("GET", "/scenes").headers().get("location"));
    assertEquals(200, ask("GET", "/scenes/").status());
    assertEquals(404, ask("GET", "/.gitignore").status());
    assertEquals(404, ask("GET", "/../pom.xml").status());
  }
}
