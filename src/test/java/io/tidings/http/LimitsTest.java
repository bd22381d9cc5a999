package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients can hold of the hub is bounded: connections, and the time that a request takes. */
class LimitsTest {
  private static final String HOST = " HTTP/1.1\r\nHost: localhost\r\n";

  @ParameterizedTest
  @ValueSource(strings = {"io_uring", "epoll", "nio"})
  void aConnectionTooManyIsClosedUnreadAndAnotherIsTakenWhenOneHasGone(String transport)
      throws Exception {
    try (var hub = RunningHub.start("http.transport", transport, "http.connections", "3")) {
      List<RawClient> clients = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        clients.add(RawClient.hear(hub.port(), "/events/a"));
      }
      for (int i = 0; i < 10; i++) {
        assertEquals(0, answered(hub.port()));
      }
      clients.get(0).close();
      Wait.until("there is room for one", () -> answered(hub.port()) == 200);
      for (RawClient client : clients) {
        client.close();
      }
    }
  }

  /** The status that a new client gets; 0 where its connection is closed. */
  private static int answered(int port) {
    try (var client = new RawClient(port)) {
      client.say("GET /health/live" + HOST + "\r\n");
      return client.answer().status();
    } catch (IOException e) {
      return 0;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"io_uring", "epoll", "nio"})
  void aBodyThatDripsIsWaitedForSoLong(String transport) throws Exception {
    try (var hub =
            RunningHub.start("http.transport", transport, "http.upload", "1s", "http.idle", "30s");
        var client = new RawClient(hub.port())) {
      client.say("POST /events/a" + HOST + "Content-Length: 1000\r\n\r\n");
      var dripping = new Thread(() -> drip(client), "drip");
      dripping.start();
      var answer = client.answer();
      assertEquals(408, answer.status());
      assertTrue(answer.body().contains("must come within 1s"), answer.body());
      dripping.join();
    }
  }

  /** Sends a byte every moment until the connection is closed; fails where it never is. */
  private static void drip(RawClient client) {
    int[] sent = new int[1];
    Wait.until(
        "the connection is closed",
        () -> {
          try {
            client.say(sent[0]++ % 4 == 0 ? "x" : "");
            return client.socket().isClosed();
          } catch (IOException closed) {
            return true;
          }
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"io_uring", "epoll", "nio"})
  void soIsAHeadThatDrips(String transport) throws Exception {
    try (var hub =
        RunningHub.start(
            "http.transport", transport, "http.idle", "1s", "stream.heartbeat", "100ms")) {
      for (boolean first : new boolean[] {true, false}) {
        try (var client = new RawClient(hub.port())) {
          if (!first) {
            client.say("GET /health/live" + HOST + "\r\n");
            assertEquals(200, client.answer().status());
          }
          client.say("GET /health/live" + HOST + "X-Filler: ");
          var dripping = new Thread(() -> drip(client), "drip");
          dripping.start();
          assertEquals(-1, readsNothing(client));
          dripping.join();
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"io_uring", "epoll", "nio"})
  void afterAStreamItsConnectionIsClosedWhenItIsIdleAsAnyOther(String transport) throws Exception {
    try (var hub =
            RunningHub.start(
                "http.transport", transport, "http.idle", "1s", "stream.heartbeat", "100ms");
        var client = RawClient.hear(hub.port(), "/events/a?for=100ms")) {
      assertEquals("close", client.awaitEnd().get(0).type());
      assertEquals(-1, client.socket().getInputStream().read());
    }
  }

  private static int readsNothing(RawClient client) {
    try {
      return client.socket().getInputStream().read();
    } catch (IOException reset) {
      return -1;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"io_uring"})
  void http2IsToldToo(String transport) throws Exception {
    try (var hub = RunningHub.start("http.transport", transport, "http.upload", "1s")) {
      var never =
          HttpRequest.BodyPublishers.fromPublisher(
              subscriber -> subscriber.onSubscribe(new Silent()));
      var request =
          HttpRequest.newBuilder(
                  java.net.URI.create("http://127.0.0.1:" + hub.port() + "/events/a"))
              .version(HttpClient.Version.HTTP_2)
              .POST(never)
              .build();
      var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
      // the first request upgrades the connection
      client.send(
          HttpRequest.newBuilder(
                  java.net.URI.create("http://127.0.0.1:" + hub.port() + "/health/live"))
              .build(),
          BodyHandlers.ofString());
      assertEquals(408, client.send(request, BodyHandlers.ofString()).statusCode());
    }
  }

  private static final class Silent implements java.util.concurrent.Flow.Subscription {
    @Override
    public void request(long count) {
      // nothing comes
    }

    @Override
    public void cancel() {
      // nothing came
    }
  }
}
