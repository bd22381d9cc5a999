package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Limits on what clients can occupy: connections, and the duration of a request. */
class LimitsTest {
  private static final String HOST = " HTTP/1.1\r\nHost: localhost\r\n";

  @ParameterizedTest
  @ValueSource(strings = {"io_uring", "epoll", "nio"})
  void aConnectionAboveTheLimitIsClosedAndAnotherIsAcceptedOnceOneHasClosed(String transport)
      throws Exception {
    try (var hub = RunningHub.start("http.transport", transport, "http.connections", "3")) {
      List<RawClient> clients = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        clients.add(RawClient.subscribe(hub.port(), "/events/a"));
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

  /** The status that a new client receives; 0 if its connection is closed. */
  private static int answered(int port) {
    try (var client = new RawClient(port)) {
      client.send("GET /health/live" + HOST + "\r\n");
      return client.answer().status();
    } catch (IOException e) {
      return 0;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"io_uring", "epoll", "nio"})
  void aBodyThatArrivesTooSlowlyTimesOut(String transport) throws Exception {
    try (var hub =
            RunningHub.start("http.transport", transport, "http.upload", "1s", "http.idle", "30s");
        var client = new RawClient(hub.port())) {
      client.send("POST /events/a" + HOST + "Content-Length: 1000\r\n\r\n");
      var dripping = new Thread(() -> drip(client), "drip");
      dripping.start();
      var answer = client.answer();
      assertEquals(408, answer.status());
      assertTrue(answer.body().contains("must arrive within 1s"), answer.body());
      dripping.join();
    }
  }

  /** Sends a byte at a time until the connection is closed; fails if it never is. */
  private static void drip(RawClient client) {
    int[] sent = new int[1];
    Wait.until(
        "the connection is closed",
        () -> {
          try {
            client.send(sent[0]++ % 4 == 0 ? "x" : "");
            return client.socket().isClosed();
          } catch (IOException closed) {
            return true;
          }
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"io_uring", "epoll", "nio"})
  void aHeadThatArrivesTooSlowlyIsClosed(String transport) throws Exception {
    try (var hub =
        RunningHub.start(
            "http.transport", transport, "http.idle", "1s", "stream.heartbeat", "100ms")) {
      for (boolean first : new boolean[] {true, false}) {
        try (var client = new RawClient(hub.port())) {
          if (!first) {
            client.send("GET /health/live" + HOST + "\r\n");
            assertEquals(200, client.answer().status());
          }
          client.send("GET /health/live" + HOST + "X-Filler: ");
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
  void theConnectionOfAnEndedStreamIsClosedWhenIdle(String transport) throws Exception {
    try (var hub =
            RunningHub.start(
                "http.transport", transport, "http.idle", "1s", "stream.heartbeat", "100ms");
        var client = RawClient.subscribe(hub.port(), "/events/a?for=100ms")) {
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
  void aSlowBodyOverHttp2TimesOutToo(String transport) throws Exception {
    try (var hub = RunningHub.start("http.transport", transport, "http.upload", "1s")) {
      // the JDK's client would send the whole body before it reads a response
      Vertx vertx = Vertx.vertx();
      try {
        var options =
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false);
        var answer =
            vertx
                .createHttpClient(options)
                .request(HttpMethod.POST, hub.port(), "127.0.0.1", "/events/a")
                .compose(
                    request -> {
                      request.setChunked(true);
                      return request.writeHead().compose(sent -> request.response());
                    });
        assertEquals(408, RunningHub.get(answer).statusCode());
      } finally {
        RunningHub.get(vertx.close());
      }
    }
  }
}
