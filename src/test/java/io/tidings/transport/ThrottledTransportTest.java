package io.tidings.transport;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.transport.Transport;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** With the best transport that is available. */
class ThrottledTransportTest {
  private static final int MANY = 1_000;

  private final Vertx vertx =
      Vertx.builder()
          .with(new VertxOptions().setEventLoopPoolSize(1))
          .withTransport(new ThrottledTransport(best(), 2 * MANY, Duration.ZERO))
          .build();
  private final AtomicInteger closed = new AtomicInteger();
  private final AtomicReference<HttpServerResponse> newest = new AtomicReference<>();

  private static Transport best() {
    return Stream.of(Transport.IO_URING, Transport.EPOLL)
        .filter(transport -> transport != null && transport.available())
        .findFirst()
        .orElse(Transport.NIO);
  }

  @AfterEach
  void stop() throws Exception {
    await(vertx.close());
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private void startStream(HttpServerRequest request) {
    HttpServerResponse response = request.response().setChunked(true);
    response.closeHandler(end -> closed.incrementAndGet());
    response.exceptionHandler(failure -> {}); // the close handler follows
    response.write("begin");
    newest.set(response);
  }

  private Socket open(int port) throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(20_000);
    socket
        .getOutputStream()
        .write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    readUntil(socket.getInputStream(), "begin");
    return socket;
  }

  private int startServer() throws Exception {
    return await(vertx.createHttpServer().requestHandler(this::startStream).listen(0, "127.0.0.1"))
        .actualPort();
  }

  private List<Socket> openMany(int port) throws IOException {
    var sockets = new ArrayList<Socket>();
    for (int i = 0; i < MANY; i++) {
      sockets.add(open(port));
    }
    return sockets;
  }

  private static void readUntil(InputStream in, String end) throws IOException {
    var text = new StringBuilder();
    while (text.indexOf(end) < 0) {
      int next = in.read();
      assertTrue(next >= 0, () -> "the stream has ended after " + text);
      text.append((char) next);
    }
  }

  @Test
  void connectionsWhoseClientsDisappearTogetherAreClosedAndTheOthersStay() throws Exception {
    int port = startServer();
    List<Socket> many = openMany(port);
    try (Socket stays = open(port)) {
      HttpServerResponse staying = newest.get();
      for (Socket gone : many) {
        gone.close();
      }
      await(staying.write("meanwhile"));
      readUntil(stays.getInputStream(), "meanwhile");
      Wait.until("all are closed", () -> closed.get() == MANY);
      await(staying.write("after"));
      readUntil(stays.getInputStream(), "after");
    }
  }

  @Test
  void itStopsWhileThousandAreBeingClosed() throws Exception {
    List<Socket> many = openMany(startServer());
    for (Socket gone : many) {
      gone.close();
    }
    await(vertx.close());
  }
}
