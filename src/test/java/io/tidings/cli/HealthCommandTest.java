package io.tidings.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@code health} says of a hub that is alive but not ready, and of one that is neither. */
class HealthCommandTest {
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private Vertx vertx;
  private int port;

  @BeforeEach
  void start() throws Exception {
    vertx = Vertx.vertx();
    HttpServer server =
        vertx
            .createHttpServer()
            .requestHandler(
                request -> {
                  boolean live = request.path().equals("/health/live");
                  request
                      .response()
                      .setStatusCode(live ? 200 : 503)
                      .end(live ? "" : "the log is down");
                })
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS);
    port = server.actualPort();
  }

  @AfterEach
  void stop() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private int run(int port, boolean ready) {
    var out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    return HealthCommand.run(new HealthOptions("127.0.0.1", port, ready, false), out);
  }

  private String text() {
    return printed.toString(StandardCharsets.UTF_8).strip();
  }

  @Test
  void aHubThatLivesButIsNotReadyIsBoth() {
    assertEquals(0, run(port, false));
    assertEquals("HTTP/1.1 200 OK", text());
    printed.reset();
    assertEquals(1, run(port, true));
    assertEquals("the log is down", text());
  }

  @Test
  void whereNobodyListensTheAddressIsNamed() throws Exception {
    int free;
    try (var socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    assertEquals(1, run(free, false));
    assertTrue(text().startsWith("no hub answers at 127.0.0.1:" + free + ": "), text());
  }

  @Test
  void aHubThatHangsIsNotAlive() throws Exception {
    try (var silent = new ServerSocket(0);
        var first = new Socket("127.0.0.1", silent.getLocalPort())) {
      assertTrue(first.isConnected());
      assertEquals(1, run(silent.getLocalPort(), false));
      assertTrue(text().contains("timed out"), text());
    }
  }
}
