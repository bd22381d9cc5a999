package io.tidings.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.settings.Settings;
import io.tidings.wire.SseFrame;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Checks what {@link ChannelOutlet} assumes of internals of Vert.x. If an upgrade of Vert.x makes
 * it fail, {@code stream.outlet: response} works until the class is adapted.
 */
class ChannelOutletTest {
  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() throws Exception {
    get(vertx.close());
  }

  @Test
  void chunksAreSentInOrderBetweenTheHeadAndTheEndOfTheResponse() throws Exception {
    HttpServer server =
        serve(
            outlet -> {
              write(outlet, SseFrame.close());
              outlet.end(CloseReason.EXPIRED);
            });
    assertEquals("4\r\nhead\r\n17\r\nevent: close\ndata: {}\n\n\r\n0\r\n\r\n", body(server));
  }

  @Test
  void aStreamWhoseClientShouldReconnectIsCutAfterAllWrittenBytes() throws Exception {
    String data = "x".repeat(300_000); // more than the socket accepts at once
    HttpServer server =
        serve(
            outlet -> {
              write(outlet, SseFrame.gap("1", data));
              write(outlet, SseFrame.close());
              outlet.end(CloseReason.DRAINED);
            });
    String body = body(server);
    assertTrue(body.endsWith(data + "\nid: 1\n\n\r\n17\r\nevent: close\ndata: {}\n\n\r\n"), body);
  }

  private static String body(HttpServer server) throws Exception {
    try (var client = connect(server)) {
      String answer = new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      return answer.substring(answer.indexOf("\r\n\r\n") + 4);
    }
  }

  @Test
  void aConnectionWhoseClientDoesNotReadIsNotWritableAndCanBeCut() throws Exception {
    var unsent = new CompletableFuture<Long>();
    HttpServer server =
        serve(
            outlet -> {
              String megabyte = "x".repeat(1 << 20);
              for (int i = 0; outlet.writable() && i < 100; i++) {
                write(outlet, SseFrame.gap("1", megabyte));
              }
              unsent.complete(outlet.writable() ? 0 : outlet.unsent());
              outlet.cut(CloseReason.STALLED);
            });
    try (var client = connect(server)) {
      assertTrue(unsent.get(10, TimeUnit.SECONDS) > 0);
      InputStream in = client.getInputStream();
      while (in.read() >= 0) {
        // until the connection ends, gracefully or not
      }
    } catch (java.net.SocketException e) {
      assertTrue(e.getMessage().contains("reset"), e.getMessage());
    }
  }

  @Test
  void unsentBytesAreCountedLikeWrittenBytes() throws Exception {
    var counted = new CompletableFuture<long[]>();
    HttpServer server =
        serve(
            outlet -> {
              for (int i = 0; outlet.writable() && i < 10_000; i++) {
                write(outlet, SseFrame.gap("1", "x".repeat(10_000)));
              }
              long[] before = {outlet.written(), outlet.unsent()};
              write(outlet, SseFrame.close());
              counted.complete(
                  new long[] {outlet.written() - before[0], outlet.unsent() - before[1]});
            });
    try (var client = connect(server)) {
      long[] more = counted.get(10, TimeUnit.SECONDS);
      assertTrue(
          Math.abs(more[0] - more[1]) < 32, more[0] + " written, " + more[1] + " more unsent");
    }
  }

  private static void write(Outlet outlet, SseFrame frame) {
    Chunk chunk = Chunk.of(frame);
    outlet.write(chunk);
    chunk.release();
  }

  private HttpServer serve(java.util.function.Consumer<ChannelOutlet> stream) throws Exception {
    var options = new HttpServerOptions().setStrictThreadMode(true).setSendBufferSize(4_096);
    var server = vertx.createHttpServer(options);
    server.requestHandler(
        request -> {
          request.response().write("head");
          stream.accept(ChannelOutlet.of(request, Settings.of(Map.of()).stream(), true));
        });
    return get(server.listen(0, "127.0.0.1"));
  }

  private static Socket connect(HttpServer server) throws Exception {
    var client = new Socket();
    client.setReceiveBufferSize(4_096);
    client.setSoTimeout(10_000);
    client.connect(new java.net.InetSocketAddress("127.0.0.1", server.actualPort()));
    client
        .getOutputStream()
        .write(
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII));
    return client;
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }
}
