package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.tidings.wire.EventStreamParser.ReceivedEvent;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/** Law 2, over real sockets: every subscriber is a cursor, and a slow one delays nobody. */
@BothOutlets
class SlowReaderTest {
  @Parameter private String outlet;

  private static final int EVENTS = 8_000;
  private static final int BATCH = 100;

  @Test
  void aClientThatStopsReadingLosesNothingAndDelaysNobody() throws Exception {
    try (var hub = RunningHub.start("stream.outlet", outlet, "stream.stall", "5m");
        var slow = new RawClient(hub.port(), 8_192);
        var fast = RawClient.subscribe(hub.port(), "/events/a")) {
      slow.send("GET /events/a HTTP/1.1\r\nHost: localhost\r\n\r\n");
      Wait.until("both are counted", () -> hub.hub().streams() == 2);
      publish(hub);
      List<String> all = IntStream.range(0, EVENTS).mapToObj(SlowReaderTest::data).toList();
      assertEquals(all, fast.awaitData(EVENTS));
      slow.readHead();
      assertEquals(all, slow.awaitData(EVENTS));
      RawClient.post(hub.port(), "/events/a", "live again");
      assertEquals("live again", slow.awaitData(EVENTS + 1).get(EVENTS));
    }
  }

  @Test
  void entriesRemovedByRetentionMeanwhileAreReportedAsOneExactGap() throws Exception {
    try (var hub =
            RunningHub.start(
                "stream.outlet", outlet, "stream.stall", "5m", "log.keep.entries", "500");
        var slow = new RawClient(hub.port(), 8_192)) {
      slow.send("GET /events/a HTTP/1.1\r\nHost: localhost\r\n\r\n");
      Wait.until("it is counted", () -> hub.hub().streams() == 1);
      publish(hub);
      slow.readHead();
      List<ReceivedEvent> received =
          slow.await(so -> !so.isEmpty() && so.get(so.size() - 1).data().equals(data(EVENTS - 1)));
      List<ReceivedEvent> gaps =
          received.stream().filter(one -> one.type().equals("hub.gap")).toList();
      assertEquals(1, gaps.size());
      int gap = received.indexOf(gaps.get(0));
      assertEquals(
          IntStream.range(0, gap).mapToObj(SlowReaderTest::data).toList(),
          received.subList(0, gap).stream().map(ReceivedEvent::data).toList());
      var notice = new JsonObject(gaps.get(0).data());
      assertEquals("removed", notice.getString("reason"));
      assertEquals(received.get(gap + 1).lastEventId(), notice.getString("next"));
      if (gap > 0) {
        assertEquals(received.get(gap - 1).lastEventId(), notice.getString("after"));
      }
      int rest = received.size() - gap - 1;
      assertTrue(rest >= 500, rest + " received after the gap");
      assertEquals(
          IntStream.range(EVENTS - rest, EVENTS).mapToObj(SlowReaderTest::data).toList(),
          received.subList(gap + 1, received.size()).stream().map(ReceivedEvent::data).toList());
    }
  }

  private static void publish(RunningHub hub) throws Exception {
    for (int i = 0; i < EVENTS; i += BATCH) {
      var batch = new StringBuilder();
      for (int n = i; n < i + BATCH; n++) {
        batch.append("{\"topic\":\"a\",\"data\":\"").append(data(n)).append("\"}\n");
      }
      assertEquals(200, RawClient.post(hub.port(), "/events", batch.toString()).status());
    }
  }

  private static String data(int number) {
    return number + "x".repeat(1_000);
  }
}
