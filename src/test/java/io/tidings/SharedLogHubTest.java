package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.event.Event;
import io.tidings.event.Filter;
import io.tidings.event.Publication;
import io.tidings.event.ResumeRequest;
import io.tidings.log.redis.RedisServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hubs within applications that share a log: a cluster's, or one in Redis. */
class SharedLogHubTest {
  private static final int HUBS = 3;
  private static final Filter NEWS = Filter.of("news.**");

  /** One for each hub, as if each were a process. */
  private final List<Vertx> applications = new ArrayList<>();

  private final List<Hub> hubs = new ArrayList<>();
  private final List<List<String>> received = new ArrayList<>();

  @TempDir private Path directory;

  @AfterEach
  void close() throws Exception {
    get(Future.join(applications.stream().map(Vertx::close).toList()));
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  /** Opens them at the same time: a cluster begins when most of its nodes are there. */
  private void open(IntFunction<Map<String, ?>> settings) throws Exception {
    List<Future<Hub>> opening = new ArrayList<>();
    for (int i = 0; i < HUBS; i++) {
      applications.add(Vertx.vertx());
      opening.add(Hub.open(applications.get(i), settings.apply(i)));
    }
    for (Future<Hub> one : opening) {
      hubs.add(get(one));
    }
  }

  private void subscribeAtEach() throws Exception {
    for (Hub hub : hubs) {
      List<String> events = new CopyOnWriteArrayList<>();
      received.add(events);
      get(
          hub.subscribe(
              NEWS, new ResumeRequest.Earliest(), stored -> events.add(stored.event().data())));
    }
  }

  private void awaitAtEach(List<String> expected) {
    Wait.until("all have received " + expected + ": " + received, () -> all(expected));
  }

  private boolean all(List<String> expected) {
    return received.stream().allMatch(expected::equals);
  }

  /** What one publishes, all receive in one order; with a key it is published once, anywhere. */
  private void publishAtEachAndReceive() throws Exception {
    subscribeAtEach();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < HUBS * 2; i++) {
      get(hubs.get(i % HUBS).publish(Event.of("news.de", "" + i)));
      expected.add("" + i);
    }
    var once = new Publication(List.of(Event.of("news", "once")), "the key", false);
    List<String> ids = get(hubs.get(0).publish(once));
    assertEquals(ids, get(hubs.get(1).publish(once)));
    expected.add("once");
    awaitAtEach(expected);
  }

  @Test
  void hubsOfAClusterReceiveWhatAnyOfThemPublishes() throws Exception {
    List<Integer> ports = List.of(Nodes.freePort(), Nodes.freePort(), Nodes.freePort());
    List<String> members = ports.stream().map(port -> "127.0.0.1:" + port).toList();
    open(
        hub ->
            Map.of(
                "log", Map.of("dir", directory.resolve("hub" + hub).toString()),
                "cluster",
                    Map.of(
                        "kind",
                        "raft",
                        "host",
                        "127.0.0.1",
                        "port",
                        ports.get(hub),
                        "members",
                        members)));
    publishAtEachAndReceive();
    get(hubs.remove(2).close());
    received.remove(2);
    get(hubs.get(0).publish(Event.of("news.de", "two of three")));
    Wait.until(
        "both received it", () -> received.stream().allMatch(all -> all.contains("two of three")));
  }

  @Test
  void hubsWithALogInRedisReceiveWhatAnyOfThemPublishes() throws Exception {
    try (RedisServer redis = RedisServer.onFreePort()) {
      open(hub -> Map.of("log", Map.of("kind", "redis", "redis", Map.of("url", redis.url()))));
      publishAtEachAndReceive();
      get(Future.join(hubs.stream().map(Hub::close).toList()));
    }
  }
}
