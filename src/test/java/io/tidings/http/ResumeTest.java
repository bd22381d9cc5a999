package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.wire.EventStreamParser.ReceivedEvent;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

@BothOutlets
class ResumeTest {
  @Parameter private String outlet;

  private RunningHub hub;
  private final List<String> ids = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    hub = RunningHub.start("stream.outlet", outlet, "log.keep.entries", "10");
    for (int i = 0; i < 15; i++) {
      String id = i % 5 == 0 ? "?id=p%E2%82%AC" + i : "";
      String answer = RawClient.post(hub.port(), "/events/a" + id, "" + i).body();
      ids.add(new JsonObject(answer).getString("id"));
    }
  }

  @AfterEach
  void stop() throws Exception {
    hub.close();
  }

  private static List<String> numbers(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> "" + i).toList();
  }

  private void assertReceives(List<String> data, String target, String... headers)
      throws Exception {
    try (var client = RawClient.subscribe(hub.port(), target, headers)) {
      RawClient.post(hub.port(), "/events/a", "now");
      var expected = new ArrayList<>(data);
      expected.add("now");
      assertEquals(expected, client.awaitData(expected.size()));
    }
  }

  @Test
  void anIdInAHeaderOrAParameterResumesAfterIt() throws Exception {
    assertReceives(numbers(12, 15), "/events/a", "Last-Event-ID: " + ids.get(11));
    assertReceives(List.of("13", "14", "now"), "/events/a?last_event_id=" + ids.get(12) + "&x=1");
  }

  @Test
  void theParameterOfAReconnectingPolyfillTakesPrecedenceOverTheUrl() throws Exception {
    assertReceives(
        numbers(12, 15), "/events/a?last_event_id=earliest&lastEventId=" + ids.get(11) + "&r=1");
    assertReceives(
        List.of("13", "14", "now"), "/events/a?last_event_id=" + ids.get(12) + "&lastEventId=&r=1");
  }

  @Test
  void aPublishersIdResumesTooAndTheHeaderTakesPrecedenceOverTheUrl() throws Exception {
    assertReceives(
        numbers(11, 15),
        "/events/a?since=latest&last_event_id=" + ids.get(7),
        "Last-Event-ID: p€10");
  }

  @Test
  void earliestReplaysTheWholeLogAndLatestTheNewestEvent() throws Exception {
    assertEquals("5", first("/events/a?last_event_id=earliest").data());
    assertEquals("5", first("/events/a", "Last-Event-ID: earliest").data());
    assertEquals("14", first("/events/a?since=latest").data());
  }

  @Test
  void anIdThatIsNotInTheLogIsAGapBeforeTheOldestEvent() throws Exception {
    for (String[] missing :
        new String[][] {
          {ids.get(2), "removed"},
          {"p€0", "unknown"},
          {"nonsense", "unknown"},
          {"00000000~3", "epoch"}
        }) {
      try (var client =
          RawClient.subscribe(hub.port(), "/events/a", "Last-Event-ID: " + missing[0])) {
        List<ReceivedEvent> received = client.await(11);
        assertEquals("hub.gap", received.get(0).type());
        var gap = new JsonObject(received.get(0).data());
        assertEquals(missing[1], gap.getString("reason"));
        assertEquals(missing[0], gap.getString("after"));
        assertEquals(received.get(1).lastEventId(), gap.getString("next"));
        assertEquals(
            numbers(5, 15), received.subList(1, 11).stream().map(ReceivedEvent::data).toList());
      }
    }
  }

  @Test
  void theIdOfAGapResumesWithoutAnotherGap() throws Exception {
    String id = first("/events/a", "Last-Event-ID: nonsense").lastEventId();
    assertEquals("5", first("/events/a", "Last-Event-ID: " + id).data());
  }

  @Test
  void aStreamThatReceivedNothingResumesWhereItBegan() throws Exception {
    String id;
    try (var client = RawClient.subscribe(hub.port(), "/events/a")) {
      client.await(received -> !client.parser().lastEventId().isEmpty());
      id = client.parser().lastEventId();
    }
    RawClient.post(hub.port(), "/events/a", "missed");
    assertEquals("missed", first("/events/a", "Last-Event-ID: " + id).data());
  }

  private ReceivedEvent first(String target, String... headers) throws Exception {
    try (var client = RawClient.subscribe(hub.port(), target, headers)) {
      return client.await(1).get(0);
    }
  }
}
