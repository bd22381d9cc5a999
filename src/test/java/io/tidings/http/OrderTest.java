package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.wire.EventStreamParser.ReceivedEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/** The order of the log as seen by clients that connect and disconnect. */
@BothOutlets
class OrderTest {
  @Parameter private String outlet;

  private static final int PUBLISHERS = 4;
  private static final int EVENTS_EACH = 25_000;
  private static final int BATCH = 50;
  private static final int CLIENTS = 12;
  private static final String END = "end";

  @Test
  void streamsThatJoinDropAndResumeAtRandomReceiveEverythingOnceInOneOrder() throws Exception {
    try (var hub = RunningHub.start("stream.outlet", outlet)) {
      ExecutorService pool = Executors.newFixedThreadPool(PUBLISHERS + CLIENTS);
      List<Future<List<ReceivedEvent>>> received = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        String target = i % 3 == 0 ? "/events?topic=p0&topic=p2&topic=end" : "/events?topic=**";
        received.add(pool.submit(client(hub.port(), target, new Random(i))));
      }
      List<Future<?>> publishers = new ArrayList<>();
      for (int p = 0; p < PUBLISHERS; p++) {
        publishers.add(pool.submit(publisher(hub.port(), "p" + p)));
      }
      for (Future<?> publisher : publishers) {
        publisher.get(120, TimeUnit.SECONDS);
      }
      assertEquals(200, RawClient.post(hub.port(), "/events/end", END).status());
      List<ReceivedEvent> everything = received.get(1).get(120, TimeUnit.SECONDS);
      assertComplete(everything, PUBLISHERS);
      for (int i = 0; i < CLIENTS; i++) {
        List<ReceivedEvent> expected = i % 3 == 0 ? only(everything, "p0", "p2", END) : everything;
        assertTrue(expected.equals(received.get(i).get(120, TimeUnit.SECONDS)), "client " + i);
      }
      pool.shutdownNow();
    }
  }

  private static Callable<Void> publisher(int port, String topic) {
    return () -> {
      for (int i = 0; i < EVENTS_EACH; i += BATCH) {
        var batch = new StringBuilder();
        for (int n = i; n < i + BATCH; n++) {
          batch.append("{\"topic\":\"%s\",\"data\":\"%s %d\"}\n".formatted(topic, topic, n));
        }
        assertEquals(200, RawClient.post(port, "/events", batch.toString()).status());
      }
      return null;
    };
  }

  /**
   * Receives events up to the last one, and drops its connection now and then in the middle of
   * reading.
   */
  private static Callable<List<ReceivedEvent>> client(int port, String target, Random random) {
    return () -> {
      var all = new ArrayList<ReceivedEvent>();
      String lastId = "earliest";
      while (all.isEmpty() || !all.get(all.size() - 1).data().equals(END)) {
        try (var client = RawClient.subscribe(port, target, "Last-Event-ID: " + lastId)) {
          int enough = 1 + random.nextInt(20_000);
          client.await(
              received ->
                  received.size() >= enough
                      || (!received.isEmpty()
                          && received.get(received.size() - 1).data().equals(END)));
          all.addAll(client.parser().events());
          lastId = client.parser().lastEventId();
        }
      }
      return all;
    };
  }

  private static void assertComplete(List<ReceivedEvent> received, int publishers) {
    Map<String, Integer> next = new HashMap<>();
    for (ReceivedEvent one : received.subList(0, received.size() - 1)) {
      String[] parts = one.data().split(" ");
      assertEquals(next.getOrDefault(parts[0], 0), Integer.parseInt(parts[1]), parts[0]);
      next.merge(parts[0], 1, (n, plus) -> Integer.parseInt(parts[1]) + plus);
    }
    assertEquals(publishers, next.size());
    next.values().forEach(count -> assertEquals(EVENTS_EACH, count));
  }

  private static List<ReceivedEvent> only(List<ReceivedEvent> received, String... topics) {
    return received.stream()
        .filter(one -> List.of(topics).contains(one.data().split(" ")[0]))
        .toList();
  }
}
