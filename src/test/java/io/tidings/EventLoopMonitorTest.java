package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.nio.NioIoHandle;
import io.netty.channel.nio.NioIoOps;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.internal.VertxInternal;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventLoopMonitorTest {
  @TempDir private Path directory;

  /** Throws an error when it is readable. */
  private record Failing(SelectableChannel selectableChannel) implements NioIoHandle {
    @Override
    public void handle(IoRegistration registration, IoEvent event) {
      throw new OutOfMemoryError("injected");
    }

    @Override
    public void close() throws IOException {
      selectableChannel.close();
    }
  }

  private static Vertx vertx() {
    return Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private static void endOneLoop(Vertx vertx) throws Exception {
    var loop = (IoEventLoop) ((VertxInternal) vertx).nettyEventLoopGroup().next();
    Pipe pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    IoRegistration registration = loop.register(new Failing(pipe.source())).get();
    registration.submit(NioIoOps.READ);
    pipe.sink().write(ByteBuffer.allocate(1));
  }

  @Test
  void aLoopThatEndsByAnErrorIsReported() throws Exception {
    Vertx vertx = vertx();
    var reports = new AtomicInteger();
    try (var log = new CapturedLog(EventLoopMonitor.class)) {
      EventLoopMonitor.watch(vertx, reports::incrementAndGet);
      endOneLoop(vertx);
      Wait.until("it is reported", () -> reports.get() == 1);
      assertEquals(1, log.lines().size());
      assertTrue(log.contains("an event loop has ended by an error"));
    } finally {
      vertx.close();
    }
  }

  @Test
  void loopsThatEndWithTheirVertxAreNotReported() throws Exception {
    Vertx vertx = vertx();
    var reports = new AtomicInteger();
    EventLoopMonitor.watch(vertx, reports::incrementAndGet);
    var ended = ((VertxInternal) vertx).nettyEventLoopGroup().terminationFuture();
    get(vertx.close());
    Wait.until("the loops have ended", ended::isDone);
    assertEquals(0, reports.get());
  }

  @Test
  void aHubWhoseLoopHasEndedIsNeitherReadyNorAlive() throws Exception {
    Vertx vertx = vertx();
    var settings =
        Settings.of(
            Map.of(
                "http.port",
                0,
                "http.loops",
                2,
                "log.dir",
                directory.resolve("data").toString(),
                "producer.keyboard",
                "off",
                // the Vertx can't be closed, and its timers would go on
                "producer.clock",
                "off"));
    HubNode hub = get(HubNode.start(vertx, settings));
    try {
      Wait.until("it is alive", () -> status(hub, "live") == 200);
      endOneLoop(vertx);
      Wait.until("the other loop tells it", () -> status(hub, "ready") == 503);
      Wait.until("it must be restarted", () -> status(hub, "live") == 503);
    } finally {
      hub.stop();
      vertx.close();
    }
  }

  /** The status of an answer; 0 if the connection came to the loop that has ended. */
  private static int status(HubNode hub, String what) throws InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + hub.port() + "/health/" + what))
            .timeout(Duration.ofSeconds(2));
    try {
      return HttpClient.newHttpClient()
          .send(request.build(), HttpResponse.BodyHandlers.discarding())
          .statusCode();
    } catch (IOException e) {
      return 0;
    }
  }
}
