package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.wire.EventStreamParser;
import io.tidings.wire.EventStreamParser.ReceivedEvent;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Acknowledged events survive: the jar is killed and started again in one directory. */
class DurabilityIT {
  private static final int LIVES = 8;
  private static final int PUBLISHERS = 4;

  @TempDir Path directory;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Random random = new Random();

  /** The id of each acknowledged event, by its data. */
  private final Map<String, String> acknowledged = new ConcurrentHashMap<>();

  private JarProcess start(String... more) throws IOException {
    var arguments = new ArrayList<>(List.of("--port", "0", "--set", "producer.clock=off"));
    arguments.addAll(List.of("--set", "log.dir=" + directory.resolve("data")));
    arguments.addAll(List.of(more));
    return JarProcess.start(arguments.toArray(String[]::new));
  }

  private HttpResponse<String> post(URI hub, String path, String body, String... headers)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(hub.resolve(path))
            .timeout(Duration.ofSeconds(10))
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  /** Receives events up to the one with the given data. */
  private List<ReceivedEvent> receive(URI hub, String query, String until) throws Exception {
    var request = HttpRequest.newBuilder(hub.resolve("events?topic=**&" + query)).build();
    var parser = new EventStreamParser();
    try (InputStream in = http.send(request, HttpResponse.BodyHandlers.ofInputStream()).body()) {
      byte[] bytes = new byte[1 << 16];
      while (parser.events().isEmpty()
          || !parser.events().get(parser.events().size() - 1).data().equals(until)) {
        int count = in.read(bytes);
        assertTrue(count > 0, "the stream ended");
        parser.feed(java.util.Arrays.copyOf(bytes, count));
      }
    }
    return parser.events();
  }

  private void publish(URI hub, int publisher, int life) {
    try {
      for (int i = 0; ; i++) {
        String data = publisher + "." + life + "." + i;
        HttpResponse<String> answer = post(hub, "events/p" + publisher, data);
        assertEquals(200, answer.statusCode());
        acknowledged.put(data, new JsonObject(answer.body()).getString("id"));
      }
    } catch (IOException killed) {
      // the process has ended, as intended
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void acknowledgedEventsAreStoredOnceInOrderHoweverOftenTheHubIsKilled() throws Exception {
    for (int life = 0; life < LIVES; life++) {
      int number = life;
      try (var hub = start()) {
        URI url = hub.url();
        var publishers = new ArrayList<Thread>();
        for (int p = 0; p < PUBLISHERS; p++) {
          int publisher = p;
          publishers.add(new Thread(() -> publish(url, publisher, number)));
        }
        publishers.forEach(Thread::start);
        int enough =
            acknowledged.size() + 20 + random.nextInt(200); // the time of the kill is random
        Wait.until(enough + " events are acknowledged", () -> acknowledged.size() >= enough);
        hub.kill();
        for (Thread publisher : publishers) {
          publisher.join();
        }
      }
      try (var hub = start()) {
        check(hub.url(), "end of " + life);
        hub.kill();
      }
    }
    assertTrue(acknowledged.size() > 100, acknowledged.size() + " events");
  }

  private void check(URI hub, String end) throws Exception {
    HttpResponse<String> answer = post(hub, "events/end", end);
    acknowledged.put(end, new JsonObject(answer.body()).getString("id"));
    List<ReceivedEvent> all = receive(hub, "last_event_id=earliest", end);
    var places = new HashMap<String, Integer>();
    var ids = new HashSet<String>();
    for (int i = 0; i < all.size(); i++) {
      ReceivedEvent received = all.get(i);
      assertEquals("message", received.type(), received.data());
      assertFalse(places.containsKey(received.data()), () -> "twice: " + received.data());
      assertTrue(ids.add(received.lastEventId()), () -> "an id twice: " + received.lastEventId());
      places.put(received.data(), i);
    }
    acknowledged.forEach(
        (data, id) -> {
          assertTrue(places.containsKey(data), () -> "lost: " + data);
          assertEquals(id, all.get(places.get(data)).lastEventId());
        });
    int from = random.nextInt(all.size() - 1);
    List<ReceivedEvent> rest = receive(hub, "last_event_id=" + all.get(from).lastEventId(), end);
    assertEquals(all.subList(from + 1, all.size()), rest);
  }

  @Test
  void onAFullDiskOnlyPublishingIsRefusedAndItRecoversByItself() throws Exception {
    try (var hub = start()) {
      URI url = hub.url();
      assertEquals(200, post(url, "events/a", "before").statusCode());
      limitFiles(hub, "20000");
      HttpResponse<String> refused = post(url, "events/a", "x".repeat(30_000));
      assertEquals(503, refused.statusCode(), refused.body());
      assertTrue(refused.headers().firstValue("Retry-After").isPresent());
      assertEquals(503, post(url, "events/a", "y").statusCode());
      assertEquals(503, status(url, "health/ready"));
      assertEquals(200, status(url, "health/live"));
      assertEquals("before", receive(url, "last_event_id=earliest", "before").get(0).data());
      limitFiles(hub, "unlimited");
      Wait.until("it is ready again", () -> status(url, "health/ready") == 200);
      assertEquals(200, post(url, "events/a", "after").statusCode());
      hub.kill();
    }
    try (var hub = start()) {
      var data =
          receive(hub.url(), "last_event_id=earliest", "after").stream()
              .map(ReceivedEvent::data)
              .toList();
      assertEquals(List.of("before", "after"), data);
    }
  }

  private int status(URI hub, String path) throws Exception {
    var request = HttpRequest.newBuilder(hub.resolve(path)).build();
    return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  /** Limits the size of the files that the process writes, with prlimit of util-linux. */
  private static void limitFiles(JarProcess hub, String bytes) throws Exception {
    var command = List.of("prlimit", "--pid", "" + hub.pid(), "--fsize=" + bytes + ":");
    assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor());
  }

  @Test
  void aSecondHubInTheSameDirectoryIsRefusedInOneLine() throws Exception {
    try (var hub = start();
        var second = startAfter(hub)) {
      assertEquals(1, second.exitCode());
      assertEquals(
          List.of(
              "tidings: log.dir="
                  + directory.resolve("data")
                  + ": is used by another hub, process "
                  + hub.pid()),
          second.errors());
    }
  }

  private JarProcess startAfter(JarProcess first) throws IOException {
    first.url(); // the directory is locked
    return start();
  }

  @Test
  void theSameRequestIsAnsweredTheSameAfterARestart() throws Exception {
    String first;
    try (var hub = start()) {
      first = post(hub.url(), "events/a", "1", "Idempotency-Key", "k").body();
      assertEquals(first, post(hub.url(), "events/a", "1", "Idempotency-Key", "k").body());
      hub.kill();
    }
    try (var hub = start()) {
      assertEquals(first, post(hub.url(), "events/a", "1", "Idempotency-Key", "k").body());
      assertEquals(400, post(hub.url(), "events/a", "2", "Idempotency-Key", "k").statusCode());
      assertEquals(200, post(hub.url(), "events/a?id=7&once", "3").statusCode());
      assertEquals(200, post(hub.url(), "events/a?id=7&once", "3").statusCode());
      post(hub.url(), "events/a", "end");
      var data =
          receive(hub.url(), "last_event_id=earliest", "end").stream()
              .map(ReceivedEvent::data)
              .toList();
      assertEquals(List.of("1", "3", "end"), data);
    }
  }

  @Test
  void theStartReportsTheContentsOfTheLog() throws Exception {
    try (var hub = start()) {
      post(hub.url(), "events/a", "1");
      hub.terminate();
      hub.exitCode();
    }
    try (var hub = start()) {
      hub.awaitLine(Pattern.compile("Log .*data: 1 entry in 1 segment, 0.0 MB \\(\\d+ ms\\)"));
    }
  }
}
