package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The check in front of a server whose routes count requests. */
class RequestCheckTest {
  private final Vertx vertx = Vertx.vertx();
  private final AtomicInteger routed = new AtomicInteger();
  private HttpServer server;

  @BeforeEach
  void start() throws Exception {
    var hosts = new AllowedHosts(List.of("news.example"), new TrustedProxies(List.of()));
    var check =
        new RequestCheck(
            hosts::check,
            request -> {
              routed.incrementAndGet();
              request.response().end("routed");
            });
    server = get(vertx.createHttpServer().requestHandler(check).listen(0, "127.0.0.1"));
  }

  @AfterEach
  void close() throws Exception {
    get(vertx.close());
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host: localhost\r\n",
        "Host: 127.0.0.1\r\n",
        "Host: news.example\r\nTransfer-Encoding: CHUNKED\r\n",
      })
  void aValidRequestReachesTheRoutes(String headers) throws Exception {
    try (var client = new RawClient(server.actualPort())) {
      client.send("POST / HTTP/1.1\r\n" + headers + "\r\n0\r\n\r\n");
      assertEquals("routed", client.answer().body());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1\r\nHost: other.example\r\n",
        "HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n",
        "HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n",
      })
  void aRejectedRequestIsNotRoutedAndItsConnectionIsClosed(String head) throws Exception {
    try (var client = new RawClient(server.actualPort())) {
      client.send("POST / " + head + "\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
      int status = client.answer().status();
      assertEquals(head.contains("other") ? 421 : 400, status);
      assertEquals(-1, client.socket().getInputStream().read());
    }
    assertEquals(0, routed.get());
  }

  @Test
  void afterARejectionOtherConnectionsAreServed() throws Exception {
    try (var rejected = new RawClient(server.actualPort());
        var client = new RawClient(server.actualPort())) {
      rejected.send("GET / HTTP/1.1\r\nHost: other.example\r\n\r\n");
      assertEquals(421, rejected.answer().status());
      client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertEquals(200, client.answer().status());
    }
  }
}
