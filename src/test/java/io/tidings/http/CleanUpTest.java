package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.tidings.wire.EventStreamParser.ReceivedEvent;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

@BothOutlets
class CleanUpTest {
  @Parameter private String outlet;

  @Test
  void aStreamIsReleasedHoweverItEnds() throws Exception {
    try (var hub =
        RunningHub.start("stream.outlet", outlet, "stream.stall", "1s", "stream.buffer", "4KiB")) {
      for (int i = 0; i < 400; i++) {
        drop(hub, i % 4);
      }
      Wait.until("no stream is counted", () -> hub.hub().streams() == 0);
      var answer = RawClient.post(hub.port(), "/events/a", "x").body();
      assertTrue(answer.contains("\"subscribers\":0"), answer);
    }
  }

  private static void drop(RunningHub hub, int how) throws Exception {
    var client = RawClient.subscribe(hub.port(), "/events/a" + (how == 2 ? "?for=10ms" : ""));
    switch (how) {
      case 0 -> client.close();
      case 1 -> {
        client.socket().setSoLinger(true, 0);
        client.close();
      }
      case 2 -> client.awaitEnd();
      default -> client.socket().shutdownOutput();
    }
  }

  @Test
  void aLongPollWhoseClientSendsNoMoreIsAnsweredAndReleased() throws Exception {
    try (var hub = RunningHub.start("stream.outlet", outlet)) {
      var gone = poll(hub);
      gone.close();
      Wait.until("the client that is gone is not counted", () -> hub.hub().streams() == 0);
      try (var reading = poll(hub)) {
        reading.socket().shutdownOutput();
        var answer = reading.answer();
        assertEquals(200, answer.status());
        assertTrue(answer.body().startsWith("{\"events\":[],"), answer.body());
        assertEquals(0, hub.hub().streams());
      }
    }
  }

  private static RawClient poll(RunningHub hub) throws Exception {
    var client = new RawClient(hub.port());
    client.send(
        "GET /events/a?wait=25s HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\r\n");
    Wait.until("the poll is counted", () -> hub.hub().streams() == 1);
    return client;
  }

  @Test
  void aClientThatReadsNothingIsCut() throws Exception {
    try (var hub =
            RunningHub.start(
                "stream.outlet",
                outlet,
                "stream.stall",
                "1s",
                "stream.heartbeat",
                "500ms",
                "stream.buffer",
                "4KiB");
        var stalled = new RawClient(hub.port(), 4_096);
        var reading = RawClient.subscribe(hub.port(), "/events/a")) {
      stalled.send("GET /events/a HTTP/1.1\r\nHost: localhost\r\n\r\n");
      Wait.until("both are counted", () -> hub.hub().streams() == 2);
      String data = "x".repeat(10_000);
      for (int i = 0; i < 100; i++) {
        RawClient.post(hub.port(), "/events/a", data);
      }
      assertEquals(100, reading.await(100).size());
      Wait.until("the stalled stream is cut", () -> hub.hub().streams() == 1);
      Wait.until("its connection is closed, though it reads nothing", stalled::isReset);
    }
  }

  @Test
  void stoppingEndsEveryStreamAndDoesNotWaitForAClientThatDoesNotRead() throws Exception {
    var hub = RunningHub.start("stream.outlet", outlet);
    List<RawClient> clients = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      clients.add(RawClient.subscribe(hub.port(), "/events/a"));
    }
    var stalled = new RawClient(hub.port(), 4_096);
    stalled.send("GET /events/a HTTP/1.1\r\nHost: localhost\r\n\r\n");
    Wait.until("all are counted", () -> hub.hub().streams() == 51);
    for (int i = 0; i < 20; i++) {
      RawClient.post(hub.port(), "/events/a", "x".repeat(500_000));
      for (RawClient client : clients) {
        client.await(i + 1);
      }
    }
    hub.close();
    for (RawClient client : clients) {
      List<ReceivedEvent> received = client.awaitCut();
      assertEquals(21, received.size());
      assertEquals("hub.drain", received.get(20).type());
      client.close();
    }
    Wait.until("the stalled client is cut", stalled::isReset);
    stalled.close();
  }

  @Test
  void aStreamRequestWhileTheHubDrainsIsNotAnswered() throws Exception {
    var hub = RunningHub.start("stream.outlet", outlet, "stream.drain", "3s");
    var clients = new ArrayList<RawClient>();
    for (int i = 0; i < 60; i++) {
      clients.add(RawClient.subscribe(hub.port(), "/events/a"));
    }
    Future<Void> stopped = hub.hub().stop();
    assertEquals(503, status(hub.port(), "/health/ready"));
    try (var late = new RawClient(hub.port())) {
      late.send("GET /events/a HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertEquals(-1, late.socket().getInputStream().read());
    }
    assertEquals(200, RawClient.post(hub.port(), "/events/a", "still accepted").status());
    RunningHub.get(stopped);
    var retries = new HashSet<String>();
    for (RawClient client : clients) {
      List<ReceivedEvent> received = client.awaitCut();
      retries.add(received.get(received.size() - 1).data());
      client.close();
    }
    assertTrue(retries.size() > 30, "different retry times: " + retries);
    RunningHub.get(hub.vertx().close());
  }

  private static int status(int port, String target) throws Exception {
    try (var client = new RawClient(port)) {
      client.send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
      return client.answer().status();
    }
  }
}
