package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.spi.properties.ClusterProperty;
import com.hazelcast.spi.properties.HazelcastProperty;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.HttpObjectDecoder;
import io.netty.handler.codec.http.HttpObjectEncoder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.internal.ThreadExecutorMap;
import io.tidings.cluster.HazelcastBus;
import io.tidings.settings.Settings;
import io.tidings.transport.AcceptThrottle;
import io.tidings.transport.ThrottledTransport;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.core.spi.transport.Transport;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Collectors;

/** The checks of {@link InternalApisTest} for each internal API, on the real library. */
final class InternalApiChecks {
  private static final long PATIENCE_SECONDS = 20;
  private static final int WRITE_OVERHEAD = 96;

  private InternalApiChecks() {}

  // ---- Vert.x: connections and their pipelines

  static void channelOfRequest() throws Exception {
    serve(Vertx.vertx(), request -> assertTrue(channel(request).isOpen()));
  }

  static void encoder() throws Exception {
    serve(
        Vertx.vertx(),
        request ->
            assertInstanceOf(
                HttpObjectEncoder.class, channel(request).pipeline().get("httpEncoder")));
  }

  static void decoder() throws Exception {
    serve(
        Vertx.vertx(),
        request ->
            assertInstanceOf(
                HttpObjectDecoder.class, channel(request).pipeline().get("httpDecoder")));
  }

  static void idleHandler() throws Exception {
    serve(
        Vertx.vertx(),
        request ->
            assertInstanceOf(IdleStateHandler.class, channel(request).pipeline().get("idle")));
  }

  static void tlsHandler() throws Exception {
    Path directory = Files.createTempDirectory("tidings-tls");
    TestCertificate certificate = TestCertificate.create(directory, "localhost");
    var keys =
        new PemKeyCertOptions()
            .addCertPath(certificate.cert().toString())
            .addKeyPath(certificate.key().toString());
    Vertx vertx = Vertx.vertx();
    try {
      Promise<Boolean> named = Promise.promise();
      var server =
          get(
              vertx
                  .createHttpServer(new HttpServerOptions().setSsl(true).setKeyCertOptions(keys))
                  .requestHandler(
                      request ->
                          named.complete(
                              channel(request).pipeline().get("ssl") instanceof SslHandler))
                  .listen(0, "127.0.0.1"));
      var trusting = TestCertificate.trusting(certificate).getSocketFactory();
      try (var client = trusting.createSocket("localhost", server.actualPort())) {
        send(client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        assertTrue(get(named.future()));
      }
    } finally {
      get(vertx.close());
      for (Path file : List.of(certificate.cert(), certificate.key(), directory)) {
        Files.delete(file);
      }
    }
  }

  // ---- Vert.x: the transport SPI

  /** A method that is not overridden would do what the interface does by default. */
  static void forwards() {
    forwards(
        Transport.class,
        new ThrottledTransport(real(), 100, Duration.ZERO).implementation().getClass());
    forwards(io.vertx.core.transport.Transport.class, ThrottledTransport.class);
  }

  private static void forwards(Class<?> api, Class<?> ours) {
    assertEquals(
        Set.of(),
        Arrays.stream(api.getMethods())
            .filter(method -> !Modifier.isStatic(method.getModifiers()))
            .filter(method -> !declares(ours, method))
            .map(Method::toString)
            .collect(Collectors.toSet()));
  }

  private static boolean declares(Class<?> type, Method method) {
    return Arrays.stream(type.getDeclaredMethods())
        .anyMatch(
            own ->
                own.getName().equals(method.getName())
                    && Arrays.equals(own.getParameterTypes(), method.getParameterTypes()));
  }

  static void transport() throws Exception {
    Vertx vertx =
        Vertx.builder().withTransport(new ThrottledTransport(real(), 100, Duration.ZERO)).build();
    assertTrue(vertx.isNativeTransportEnabled());
    serve(
        vertx,
        request -> assertNotNull(channel(request).parent().pipeline().get(AcceptThrottle.class)));
  }

  private static io.vertx.core.transport.Transport real() {
    return io.vertx.core.transport.Transport.EPOLL;
  }

  // ---- Vert.x: event loops

  static void eventLoops() throws Exception {
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(3));
    try {
      var groups = (VertxInternal) vertx;
      assertTrue(groups.nettyEventLoopGroup().iterator().hasNext());
      assertTrue(groups.acceptorEventLoopGroup().iterator().hasNext());
    } finally {
      get(vertx.close());
    }
  }

  // ---- Vert.x: names

  static void nodeId() throws Exception {
    OneNode node = OneNode.running();
    String attribute =
        node.hazelcast().getCluster().getLocalMember().getAttribute("__vertx.nodeId");
    assertNotNull(attribute);
    Vertx vertx = get(Vertx.builder().withClusterManager(node.bus.manager()).buildClustered());
    try {
      assertEquals(attribute, node.bus.manager().getNodeId());
    } finally {
      get(vertx.close());
    }
  }

  /** With a client that sends the preface of HTTP/2 and then invalid frames. */
  static void connectionLogger() throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      var server =
          get(vertx.createHttpServer().requestHandler(request -> {}).listen(0, "127.0.0.1"));
      try (var client = new Socket("127.0.0.1", server.actualPort())) {
        assertLogs(
            "io.vertx.core.net.impl.ConnectionBase",
            () -> send(client, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nno frame of HTTP/2"));
      }
    } finally {
      get(vertx.close());
    }
  }

  static void busLogger() throws Exception {
    assertHasLogger("io.vertx.core.eventbus.impl.clustered.OutboundConnection");
  }

  static void redisLogger() throws Exception {
    assertHasLogger("io.vertx.redis.client.impl.RedisConnectionManager");
  }

  private static void assertHasLogger(String type) throws Exception {
    assertTrue(
        Arrays.stream(Class.forName(type).getDeclaredFields())
            .anyMatch(
                field ->
                    Modifier.isStatic(field.getModifiers())
                        && field.getType().getSimpleName().endsWith("Logger")),
        type + " has no logger");
  }

  // ---- Netty

  static void currentLoop() throws Exception {
    serve(
        Vertx.vertx(),
        request -> {
          EventExecutor loop = ThreadExecutorMap.currentExecutor();
          assertEquals(channel(request).eventLoop(), loop);
          assertTrue(loop.inEventLoop());
        });
  }

  static void outboundBuffer() throws Exception {
    serve(
        Vertx.vertx(),
        request -> {
          ChannelOutboundBuffer queue = channel(request).unsafe().outboundBuffer();
          assertEquals(0, queue.totalPendingWriteBytes());
          assertEquals(0, queue.currentProgress());
          channel(request).pipeline().firstContext().write(Unpooled.wrappedBuffer(new byte[1_000]));
          assertEquals(1_000 + WRITE_OVERHEAD, queue.totalPendingWriteBytes());
        });
  }

  static void writeOverhead() throws Exception {
    assertTrue(
        StringConstants.of(ChannelOutboundBuffer.class)
            .contains("io.netty.transport.outboundBufferEntrySizeOverhead"));
    outboundBuffer();
  }

  static void closeForcibly() {
    var accepted = new NioSocketChannel();
    assertFalse(accepted.isRegistered());
    accepted.unsafe().closeForcibly();
    assertFalse(accepted.isOpen());
  }

  static void ringSize() throws Exception {
    assertReadsProperty("io.netty.iouring.ringSize");
  }

  static void completionSize() throws Exception {
    assertReadsProperty("io.netty.iouring.cqSize");
  }

  static void acceptMultiShot() throws Exception {
    assertReadsProperty("io.netty.iouring.acceptMultiShotEnabled");
  }

  static void pipelineLogger() throws Exception {
    assertHasLogger("io.netty.channel.DefaultChannelPipeline");
  }

  static void promiseLogger() throws Exception {
    assertHasLogger("io.netty.util.concurrent.DefaultPromise");
  }

  private static void assertReadsProperty(String name) throws Exception {
    assertTrue(StringConstants.of(io.netty.channel.uring.IoUring.class).contains(name));
  }

  // ---- Hazelcast

  static void hazelcastLogger() throws Exception {
    OneNode node = OneNode.running();
    assertLogs(
        "com.hazelcast.core.HazelcastInstance",
        () -> node.hazelcast().getLoggingService().getLogger(HazelcastInstance.class).severe("x"));
  }

  static void hazelcastProperties() throws Exception {
    var known =
        Arrays.stream(ClusterProperty.class.getFields())
            .filter(field -> field.getType() == HazelcastProperty.class)
            .map(InternalApiChecks::nameOf)
            .collect(Collectors.toSet());
    Set<String> ours =
        StringConstants.of(Class.forName("io.tidings.cluster.HazelcastConfig")).stream()
            .filter(text -> text.startsWith("hazelcast."))
            .collect(Collectors.toSet());
    assertFalse(ours.isEmpty());
    ours.removeAll(known);
    assertEquals(Set.of(), ours);
  }

  private static String nameOf(Field property) {
    try {
      return ((HazelcastProperty) property.get(null)).getName();
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  /** An event bus of one member, joined on the first call, as the hub joins it. */
  private record OneNode(HazelcastBus bus) {
    private static OneNode running;

    static OneNode running() {
      if (running == null) {
        var settings =
            Map.<String, Object>of(
                "cluster.bus",
                "hazelcast",
                "cluster.name",
                "test-" + System.nanoTime(),
                "cluster.hazelcast.members",
                "127.0.0.1");
        running = new OneNode(HazelcastBus.join(Settings.of(settings), "test"));
      }
      return running;
    }

    HazelcastInstance hazelcast() {
      return bus.manager().getHazelcastInstance();
    }
  }

  /** Closes what the checks started. */
  static void end() {
    if (OneNode.running != null) {
      OneNode.running.bus.close();
      OneNode.running = null;
    }
  }

  // ---- shared by the checks

  private static Channel channel(HttpServerRequest request) {
    return ((ConnectionBase) request.connection()).channel();
  }

  /** Runs a check on a server's request, on its event loop, and closes the Vert.x. */
  private static void serve(Vertx vertx, Consumer<HttpServerRequest> check) throws Exception {
    Promise<Void> checked = Promise.promise();
    var options = new HttpServerOptions().setStrictThreadMode(true).setIdleTimeout(60);
    try {
      var server =
          get(
              vertx
                  .createHttpServer(options)
                  .requestHandler(
                      request -> {
                        try {
                          check.accept(request);
                          checked.complete();
                        } catch (Throwable e) {
                          checked.fail(e);
                        }
                      })
                  .listen(0, "127.0.0.1"));
      try (var client = new Socket("127.0.0.1", server.actualPort())) {
        send(client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        get(checked.future());
      }
    } finally {
      get(vertx.close());
    }
  }

  private static void send(Socket to, String text) throws IOException {
    to.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private interface Action {
    void run() throws Exception;
  }

  /** Checks that the action logs something to the logger of that name. */
  private static void assertLogs(String name, Action action) throws Exception {
    var records = new LinkedBlockingQueue<LogRecord>();
    var handler =
        new Handler() {
          @Override
          public void publish(LogRecord logged) {
            records.add(logged);
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger(name);
    Level before = logger.getLevel();
    logger.setLevel(Level.SEVERE);
    logger.setUseParentHandlers(false);
    logger.addHandler(handler);
    try {
      action.run();
      LogRecord logged = records.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertNotNull(logged, "nothing was logged by the name " + name);
      assertEquals(name, logged.getLoggerName());
    } finally {
      logger.removeHandler(handler);
      logger.setUseParentHandlers(true);
      logger.setLevel(before);
    }
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  static void ratisStateMachine() {
    assertTrue(
        org.apache.ratis.statemachine.StateMachine.class.isAssignableFrom(
            org.apache.ratis.statemachine.impl.BaseStateMachine.class));
  }

  static void ratisStorage() {
    var position = org.apache.ratis.server.protocol.TermIndex.valueOf(3, 7);
    var file = new org.apache.ratis.server.storage.FileInfo(java.nio.file.Path.of("state"), null);
    var snapshot = new org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo(file, position);
    var storage = new org.apache.ratis.statemachine.impl.SimpleStateMachineStorage();
    storage.updateLatestSnapshot(snapshot);
    assertEquals(position, storage.getLatestSnapshot().getTermIndex());
  }
}
