package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.wire.EventStreamParser;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three nodes behind Debian's nginx, with TLS between them, are restarted one after the other, with
 * many open streams.
 */
class RollingRestartIT {
  private static final int CLIENTS = 500;
  private static final int RATE = 200;
  private static final int NODES = 3;

  @TempDir Path directory;

  private final Vertx vertx = Vertx.vertx();
  private final HttpClientAgent http =
      vertx.createHttpClient(
          new HttpClientOptions().setIdleTimeout(20),
          new PoolOptions().setHttp1MaxSize(CLIENTS + 50));

  /** The id of each acknowledged event, by its data. */
  private final Map<String, String> taken = new ConcurrentHashMap<>();

  @Test
  void noEventIsLostOrRepeated() throws Exception {
    var authority = TestAuthority.create(directory, "authority");
    TestAuthority.Issued certificate = authority.issue("nodes", "ip:127.0.0.1");
    try (var nodes =
            Nodes.start(
                NODES,
                "producer.clock=off",
                "auth.mode=open",
                "cluster.tls.cert=" + certificate.cert(),
                "cluster.tls.key=" + certificate.key(),
                "cluster.tls.ca=" + authority.file());
        var nginx =
            Nginx.plain(directory, IntStream.range(0, NODES).map(nodes::port).boxed().toList())) {
      int port = nginx.port();
      List<Listener> listeners =
          IntStream.range(0, CLIENTS).mapToObj(i -> new Listener(port)).toList();
      listeners.forEach(Listener::connect);
      Wait.until("all are connected", () -> listeners.stream().allMatch(one -> one.open));
      var publisher = new Publishing(port);
      for (int i = 0; i < NODES; i++) {
        int before = taken.size();
        Wait.until("events are taken", () -> taken.size() > before + RATE);
        nodes.terminate(i);
        renew(authority, certificate); // a node that starts has another one than those that run
        nodes.start(i);
        nodes.awaitReady(i);
      }
      assertTrue(metrics(nodes).contains("\ntidings_cluster_tls_expiry_seconds "));
      publisher.stop();
      Wait.until(
          "all is received",
          () -> listeners.stream().allMatch(one -> one.received.size() >= taken.size()));
      listeners.forEach(Listener::close);
      for (Listener listener : listeners) {
        assertEquals(List.copyOf(listeners.get(0).received), List.copyOf(listener.received));
        assertEquals(0, listener.gaps);
      }
      List<String> received = List.copyOf(listeners.get(0).received);
      assertEquals(taken.size(), received.size());
      assertEquals(new HashSet<>(taken.values()), new HashSet<>(received));
      long silence = listeners.stream().mapToLong(one -> one.longestSilence).max().orElseThrow();
      System.out.printf(
          "rolling restart of %d nodes: %d clients received %d events each, none lost, none twice; longest silence %.1f s%n",
          NODES, CLIENTS, received.size(), silence / 1e9);
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
  }

  /** Publishes events at a rate, each until it is acknowledged. */
  private final class Publishing {
    private final long timer;
    private final ConcurrentLinkedQueue<String> under = new ConcurrentLinkedQueue<>();
    private final int port;
    private int number;

    Publishing(int port) {
      this.port = port;
      this.timer =
          vertx.setPeriodic(
              Duration.ofSeconds(1).toMillis() / RATE,
              tick -> {
                String data = "event " + number++;
                under.add(data);
                publish(data);
              });
    }

    private void publish(String data) {
      http.request(HttpMethod.POST, port, "127.0.0.1", "/events/rolling")
          .compose(
              request ->
                  request
                      .putHeader("Idempotency-Key", data)
                      .send(Buffer.buffer(data))
                      .compose(
                          response ->
                              response.statusCode() == 200
                                  ? response.body()
                                  : response
                                      .body()
                                      .compose(body -> Future.failedFuture(body.toString()))))
          .onSuccess(
              body -> {
                taken.put(data, new JsonObject(body).getString("id"));
                under.remove(data);
              })
          .onFailure(again -> vertx.setTimer(50, later -> publish(data)));
    }

    void stop() {
      vertx.cancelTimer(timer);
      Wait.until("all is taken", under::isEmpty);
    }
  }

  private static String metrics(Nodes nodes) throws Exception {
    var request = HttpRequest.newBuilder(nodes.url(0).resolve("metrics")).build();
    return Nodes.HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  private static void renew(TestAuthority authority, TestAuthority.Issued certificate)
      throws Exception {
    TestAuthority.Issued next = authority.issue("renewed-" + System.nanoTime(), "ip:127.0.0.1");
    Files.move(next.key(), certificate.key(), StandardCopyOption.REPLACE_EXISTING);
    Files.move(next.cert(), certificate.cert(), StandardCopyOption.REPLACE_EXISTING);
  }

  /** A client that reconnects with its last id; on the event loop of the HTTP client. */
  private final class Listener {
    private final List<String> received = new ArrayList<>();
    private final int port;
    private EventStreamParser parser = new EventStreamParser();
    private String lastId = "";
    private int parsed;
    private int gaps;
    private long lastReceived;
    private long longestSilence;
    private volatile boolean open;
    private volatile boolean closed;

    Listener(int port) {
      this.port = port;
    }

    void connect() {
      if (closed) {
        return;
      }
      parser = new EventStreamParser();
      parsed = 0;
      http.request(HttpMethod.GET, port, "127.0.0.1", "/events/rolling")
          .compose(
              request -> {
                if (!lastId.isEmpty()) {
                  request.putHeader("Last-Event-ID", lastId);
                }
                var answered = request.response().onSuccess(this::read); // before it can come
                request.send();
                return answered;
              })
          .onFailure(failed -> again());
    }

    private void read(HttpClientResponse response) {
      response.exceptionHandler(broken -> again()).endHandler(ended -> again());
      if (response.statusCode() == 200) {
        response.handler(this::receive);
      }
    }

    private void again() {
      vertx.setTimer(200, later -> connect());
    }

    private void receive(Buffer bytes) {
      open = true;
      parser.feed(bytes.getBytes());
      lastId = parser.lastEventId().isEmpty() ? lastId : parser.lastEventId();
      for (; parsed < parser.events().size(); parsed++) {
        var one = parser.events().get(parsed);
        if (one.type().equals("hub.drain")) {
          continue; // the drain of this hub is not an event
        }
        gaps += one.type().equals("hub.gap") ? 1 : 0;
        long now = System.nanoTime();
        longestSilence = lastReceived == 0 ? 0 : Math.max(longestSilence, now - lastReceived);
        lastReceived = now;
        synchronized (received) {
          received.add(one.lastEventId());
        }
      }
    }

    void close() {
      closed = true;
    }
  }
}
