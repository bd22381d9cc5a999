package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.tidings.memory.MemoryBudget;
import io.tidings.wire.EventStreamParser.ReceivedEvent;
import org.junit.jupiter.api.Test;

/** The responses that clients receive when the memory budget is spent. */
class ShortMemoryTest {
  @Test
  void publishingIsRefusedAndThenAcceptedAgainAndSubscribersAreNotAffected() throws Exception {
    try (var hub = RunningHub.start("log.patience", "100ms");
        var subscriber = RawClient.subscribe(hub.port(), "/events/a")) {
      MemoryBudget memory = hub.hub().memory();
      long all = memory.queues().limit();
      memory.queues().reserve(all);
      var refused = RawClient.post(hub.port(), "/events/a", "refused");
      assertEquals(503, refused.status());
      assertTrue(refused.headers().containsKey("retry-after"), refused.headers().toString());
      memory.queues().release(all);
      assertEquals(200, RawClient.post(hub.port(), "/events/a", "taken").status());
      assertEquals("taken", subscriber.awaitData(1).get(0), "a refused event is never delivered");
      assertEquals(0, memory.queues().used());
      assertEquals(0, memory.bodies().used());
    }
  }

  @Test
  void aBodyWaitsUntilThereIsMemoryForIt() throws Exception {
    try (var hub = RunningHub.start("log.patience", "100ms")) {
      MemoryBudget memory = hub.hub().memory();
      long all = memory.bodies().limit();
      memory.bodies().reserve(all);
      var refused = RawClient.post(hub.port(), "/events/a", "x".repeat(100_000));
      assertEquals(503, refused.status());
      memory.bodies().release(all);
      assertEquals(200, RawClient.post(hub.port(), "/events/a", "x".repeat(100_000)).status());
      assertEquals(0, memory.bodies().used());
    }
  }

  @Test
  void aClientThatDisconnectsWhileItsBodyWaitsReleasesItsMemory() throws Exception {
    try (var hub = RunningHub.start("log.patience", "1m")) {
      MemoryBudget memory = hub.hub().memory();
      long all = memory.bodies().limit();
      memory.bodies().reserve(all);
      try (var gone = new RawClient(hub.port())) {
        gone.send("POST /events/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhe");
      }
      try (var waiting = new RawClient(hub.port())) {
        waiting.send(
            "POST /events/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello");
        memory.bodies().release(all);
        assertEquals(200, waiting.answer().status());
      }
      Wait.until("all memory is released", () -> memory.bodies().used() == 0);
    }
  }

  @Test
  void newStreamsAreRefusedAndOpenStreamsContinue() throws Exception {
    try (var hub = RunningHub.start();
        var subscriber = RawClient.subscribe(hub.port(), "/events/a")) {
      MemoryBudget memory = hub.hub().memory();
      long all = memory.pages().limit();
      memory.pages().reserve(all);
      try (var late = new RawClient(hub.port())) {
        late.send("GET /events/a HTTP/1.1\r\nHost: localhost\r\n\r\n");
        late.readHead();
        assertEquals(200, late.status(), "EventSource gives up after anything else");
        ReceivedEvent busy = late.awaitCut().get(0);
        assertEquals("hub.busy", busy.type());
        assertTrue(busy.data().contains("memory"), busy.data());
        assertTrue(late.parser().retry() >= 2_000);
      }
      try (var late = new RawClient(hub.port())) {
        late.send(
            "GET /events/a HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
                + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        assertEquals(503, late.answer().status());
      }
      try (var late = new RawClient(hub.port())) {
        late.send("GET /events/a HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\r\n");
        var refused = late.answer();
        assertEquals(503, refused.status());
        assertTrue(refused.headers().containsKey("retry-after"), refused.headers().toString());
      }
      assertEquals(1, hub.hub().streams());
      assertEquals(200, RawClient.post(hub.port(), "/events/a", "x").status());
      assertEquals("x", subscriber.awaitData(1).get(0));
      memory.pages().release(all);
      RawClient.subscribe(hub.port(), "/events/a").close();
    }
  }

  @Test
  void usedMemoryIsInTheMetrics() throws Exception {
    try (var hub = RunningHub.start();
        var client = new RawClient(hub.port())) {
      hub.hub().memory().bodies().reserve(12_345);
      client.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
      String text = client.answer().body();
      assertTrue(text.contains("tidings_memory_used_bytes{share=\"bodies\"} 12345.0"), text);
      for (String share :
          new String[] {"window", "batches", "queues", "reads", "chunks", "pages"}) {
        assertTrue(text.contains("tidings_memory_limit_bytes{share=\"" + share + "\"}"), share);
      }
    }
  }
}
