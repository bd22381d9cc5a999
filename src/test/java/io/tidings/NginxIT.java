package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The jar behind Debian's nginx, as conf/nginx.conf sets it up. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NginxIT {
  private static final int PATIENCE_SECONDS = 20;

  /** The references in pages, styles and modules. */
  private static final Pattern NAMED =
      Pattern.compile(
          "(?:\\s(?:src|href)=\"|\\burl\\(\"?|\\b(?:from|import)\\s*\\(?[\"'])([\\w./:-]+)");

  private JarProcess hub;
  private Nginx nginx;

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    // no heartbeat and no clock, so that only the tests' events flush buffers
    hub =
        JarProcess.start(
            "--port",
            "0",
            "--set",
            "auth.mode=open",
            "--set",
            "log.kind=memory",
            "--set",
            "producer.clock=off",
            "--set",
            "stream.heartbeat=0");
    nginx = Nginx.start(directory, List.of(hub.port()));
  }

  @AfterAll
  void stop() throws Exception {
    if (nginx != null) {
      nginx.close();
    }
    if (hub != null) {
      hub.close();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "HTTP_1_1, '', identity",
    "HTTP_1_1, '', gzip",
    "HTTP_1_1, push/, gzip",
    "HTTP_2, '', identity",
    "HTTP_2, '', gzip",
    "HTTP_2, push/, gzip",
  })
  void anEventArrivesWhileTheStreamIsOpenAndNothingElseIsSent(
      Version version, String prefix, String encoding) throws Exception {
    assertReceivedAtOnce(nginx, version, prefix, encoding, null);
  }

  @ParameterizedTest
  @CsvSource({"HTTP_1_1, identity", "HTTP_1_1, gzip", "HTTP_2, identity", "HTTP_2, gzip"})
  void eventsArriveAtOnceEvenIfNginxCompressesStreams(
      Version version, String encoding, @TempDir Path directory) throws Exception {
    UnaryOperator<String> compressed =
        conf -> conf.replace("gzip_types ", "gzip_types text/event-stream ");
    try (var other = Nginx.start(directory, List.of(hub.port()), compressed)) {
      assertReceivedAtOnce(other, version, "", encoding, encoding.equals("gzip") ? "gzip" : null);
    }
  }

  /**
   * HTTP/1.0 is nginx's default for upstreams: the response is then delimited by the end of the
   * connection.
   */
  @ParameterizedTest
  @EnumSource(Version.class)
  void eventsArriveAtOnceEvenIfNginxRequestsThemByHttp10(Version version, @TempDir Path directory)
      throws Exception {
    UnaryOperator<String> old = conf -> conf.replace("proxy_http_version 1.1;", "");
    try (var other = Nginx.start(directory, List.of(hub.port()), old)) {
      assertReceivedAtOnce(other, version, "push/", "gzip", null);
    }
  }

  /** Where the header X-Accel-Buffering is ignored, nginx buffers events. */
  @Test
  void whereXAccelBufferingIsIgnoredNginxHoldsEventsBack(@TempDir Path directory) throws Exception {
    UnaryOperator<String> ignoring = Nginx::ignoringAccelBuffering;
    try (var other = Nginx.start(directory, List.of(hub.port()), ignoring);
        var held = new OpenStream(other, Version.HTTP_2, "events/held?for=4s", "identity");
        var passed = new OpenStream(nginx, Version.HTTP_2, "events/held?for=1s", "identity")) {
      passed.awaitLine("event: hub.open");
      Wait.until("both are open", () -> subscribers() == 2);
      publish(nginx, Version.HTTP_2, "events/held", "held");
      passed.awaitLine("data: held");
      passed.awaitLine("event: close");
      assertFalse(held.lines.contains("data: held"), "it comes in one piece, at the end");
      held.awaitLine("data: held");
    }
  }

  /** The number of open streams, from the hub's metrics. */
  private int subscribers() {
    return gauge("tidings_streams");
  }

  private int gauge(String name) {
    try {
      String figures = Nodes.get(hub.url().resolve("metrics")).body();
      return (int)
          Double.parseDouble(
              figures
                  .lines()
                  .filter(line -> line.startsWith(name + " "))
                  .findAny()
                  .orElseThrow()
                  .split(" ")[1]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void assertReceivedAtOnce(
      Nginx through, Version version, String prefix, String encoding, String encoded)
      throws Exception {
    String topic = "t" + System.nanoTime();
    try (var stream = new OpenStream(through, version, prefix + "events/" + topic, encoding)) {
      HttpResponse<InputStream> head = stream.head();
      assertEquals(200, head.statusCode());
      assertEquals(version, head.version());
      assertEquals(encoded, head.headers().firstValue("Content-Encoding").orElse(null));
      stream.awaitLine("event: hub.open");
      for (int i = 0; i < 3; i++) {
        publish(through, version, prefix + "events/" + topic, "event " + i);
        stream.awaitLine("data: event " + i);
      }
    }
  }

  /** The statistics of each second arrive in that second, and not when nginx's buffer is full. */
  @ParameterizedTest
  @CsvSource({"HTTP_1_1, ''", "HTTP_1_1, push/", "HTTP_2, ''", "HTTP_2, push/"})
  void theStatisticsArriveEachSecond(Version version, String prefix) throws Exception {
    try (var stream = new OpenStream(nginx, version, prefix + "stats?since=1s", "gzip")) {
      assertEquals(version, stream.head().version());
      assertEquals(
          "text/event-stream; charset=utf-8",
          stream.head().headers().firstValue("Content-Type").orElseThrow());
      stream.awaitLine("event: hub.open");
      for (int i = 0; i < 3; i++) {
        stream.awaitLine("event: hub.stats");
      }
    }
    Wait.until("the stream at the hub ends too", () -> gauge("tidings_stats_streams") == 0);
  }

  @Test
  void linesOfJsonArriveAtOnceToo() throws Exception {
    Wait.until("the others are closed", () -> subscribers() == 0);
    try (var stream =
        new OpenStream(nginx, Version.HTTP_2, "events/lines", "gzip", "application/x-ndjson")) {
      assertTrue(stream.awaitLine("{").contains("\"type\":\"hub.open\""));
      publish(nginx, Version.HTTP_2, "events/lines", "one");
      assertTrue(stream.awaitLine("{").contains("\"data\":\"one\""));
    }
    Wait.until("it is closed", () -> subscribers() == 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "push/"})
  void aWebSocketReceivesThroughIt(String prefix) throws Exception {
    Wait.until("the others are closed", () -> subscribers() == 0);
    var received = new LinkedBlockingQueue<String>();
    URI url = URI.create(nginx.url().toString().replace("https:", "wss:") + prefix);
    WebSocket socket =
        nginx
            .client(Version.HTTP_1_1)
            .newWebSocketBuilder()
            .header("Origin", "https://localhost:" + nginx.port())
            .buildAsync(
                url.resolve("events/socket"),
                new WebSocket.Listener() {
                  @Override
                  public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean end) {
                    received.add(text.toString());
                    from.request(1);
                    return null;
                  }
                })
            .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    Wait.until("it is open", () -> subscribers() == 1);
    publish(nginx, Version.HTTP_2, prefix + "events/socket", "one");
    String text = received.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    while (text != null && !text.contains("\"data\":\"one\"")) {
      text = received.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
    assertNotNull(text, "the event was received");
    socket.abort();
    Wait.until("it is closed", () -> subscribers() == 0);
  }

  @Test
  void pagesOfTheSameHostMayPublishAndOthersMayNot() throws Exception {
    var client = nginx.client(Version.HTTP_2);
    String own = "https://localhost:" + nginx.port();
    assertEquals(200, publishFrom(client, own));
    assertEquals(403, publishFrom(client, "https://localhost"));
    assertEquals(403, publishFrom(client, own.replace("https:", "http:")));
    assertEquals(403, publishFrom(client, "https://stranger.example"));
  }

  private int publishFrom(HttpClient client, String origin) throws Exception {
    var request =
        HttpRequest.newBuilder(nginx.url().resolve("events/origins"))
            .header("Origin", origin)
            .POST(BodyPublishers.ofString("x"))
            .build();
    return client.send(request, BodyHandlers.ofString()).statusCode();
  }

  /** After an error status, browsers would give the stream up for good. */
  @ParameterizedTest
  @EnumSource(Version.class)
  void whileNoHubRunsTheConnectionOfAnEventSourceIsClosed(Version version, @TempDir Path directory)
      throws Exception {
    try (var alone = Nginx.start(directory, List.of(Nodes.freePort()))) {
      var client = alone.client(version);
      var stream = HttpRequest.newBuilder(alone.url().resolve("events/a"));
      stream.header("Accept", "text/event-stream");
      assertThrows(IOException.class, () -> client.send(stream.build(), BodyHandlers.ofString()));
      var page = HttpRequest.newBuilder(alone.url()).build();
      assertEquals(502, client.send(page, BodyHandlers.ofString()).statusCode());
    }
  }

  @Test
  void aPostIsNotRetriedOnAnotherHub(@TempDir Path directory) throws Exception {
    try (var silent = new SilentHub();
        var other = Nginx.start(directory, List.of(silent.port(), hub.port()))) {
      var client = other.client(Version.HTTP_1_1);
      var url = other.url().resolve("events/once");
      // nginx tries both hubs in turn; the silent one reads the request and closes the connection
      int failed = 0;
      for (int i = 0; i < 4 && failed == 0; i++) {
        var post = HttpRequest.newBuilder(url).POST(BodyPublishers.ofString("x")).build();
        failed += client.send(post, BodyHandlers.ofString()).statusCode() == 502 ? 1 : 0;
      }
      assertEquals(1, failed);
      assertEquals(1, silent.requests());
      var ready = HttpRequest.newBuilder(other.url().resolve("health/ready")).build();
      for (int i = 0; i < 4; i++) {
        assertEquals(200, client.send(ready, BodyHandlers.ofString()).statusCode());
      }
    }
  }

  @Test
  void underAPrefixPagesAndTheirResourcesAreServedAndReferToNothingOutsideIt() throws Exception {
    URI root = nginx.url().resolve("push/");
    var client = nginx.client(Version.HTTP_2);
    Deque<URI> toFetch = new ArrayDeque<>(pages(root));
    Set<URI> seen = new HashSet<>(toFetch);
    while (!toFetch.isEmpty()) {
      URI url = toFetch.poll();
      var answer = client.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString());
      assertEquals(200, answer.statusCode(), url.toString());
      String type = answer.headers().firstValue("Content-Type").orElse("");
      if (!type.matches("text/(html|css|javascript).*|application/javascript.*")
          || url.getPath().contains("/webjars/")) {
        continue;
      }
      var named = NAMED.matcher(answer.body());
      while (named.find()) {
        String name = named.group(1);
        assertFalse(name.startsWith("/"), name + " in " + url);
        if (!name.matches("[a-z]+:.*")) {
          URI resolved = url.resolve(name);
          assertTrue(resolved.toString().startsWith(root.toString()), name + " in " + url);
          if (seen.add(resolved)) {
            toFetch.add(resolved);
          }
        }
      }
    }
    assertTrue(seen.contains(root.resolve("tidings.css")), seen.toString());
    assertTrue(seen.contains(root.resolve("probe.js")), seen.toString());
  }

  /** The paths of all pages, relative to the root. */
  private static List<URI> pages(URI root) throws IOException {
    Path webroot = Path.of("webroot");
    try (Stream<Path> files = Files.walk(webroot)) {
      return files
          .map(file -> webroot.relativize(file).toString().replace('\\', '/'))
          .filter(file -> file.endsWith(".html"))
          .map(file -> root.resolve(file.replaceFirst("(^|/)index\\.html$", "$1")))
          .toList();
    }
  }

  @Test
  void thePrefixWithoutItsSlashRedirects() throws Exception {
    var request = HttpRequest.newBuilder(nginx.url().resolve("push")).build();
    var answer = nginx.client(Version.HTTP_1_1).send(request, BodyHandlers.ofString());
    assertEquals(301, answer.statusCode());
    assertEquals("/push/", answer.headers().firstValue("Location").orElseThrow());
  }

  @Test
  void pagesAreCompressed() throws Exception {
    var client = nginx.client(Version.HTTP_2);
    var css =
        HttpRequest.newBuilder(nginx.url().resolve("tidings.css"))
            .header("Accept-Encoding", "gzip")
            .build();
    var answer = client.send(css, BodyHandlers.ofInputStream());
    assertEquals("gzip", answer.headers().firstValue("Content-Encoding").orElse(""));
  }

  private static void publish(Nginx through, Version version, String path, String data)
      throws Exception {
    var request =
        HttpRequest.newBuilder(through.url().resolve(path))
            .POST(BodyPublishers.ofString(data))
            .build();
    var answer = through.client(version).send(request, BodyHandlers.ofString());
    assertEquals(200, answer.statusCode(), answer.body());
  }

  /** Reads one request at a time, and closes the connection without an answer. */
  private static final class SilentHub implements AutoCloseable {
    private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final AtomicInteger posts = new AtomicInteger();

    SilentHub() throws IOException {
      var taker = new Thread(this::take, "silent");
      taker.setDaemon(true);
      taker.start();
    }

    private void take() {
      while (!socket.isClosed()) {
        try (var connection = socket.accept()) {
          byte[] head = new byte[4];
          connection.getInputStream().readNBytes(head, 0, 4);
          posts.addAndGet(new String(head, StandardCharsets.US_ASCII).equals("POST") ? 1 : 0);
        } catch (IOException e) {
          return; // closed
        }
      }
    }

    int port() {
      return socket.getLocalPort();
    }

    int requests() {
      return posts.get();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  /** An open stream, read line by line on its own thread. */
  private static final class OpenStream implements AutoCloseable {
    private static final String END = "\u0000";
    private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final CompletableFuture<HttpResponse<InputStream>> answer;

    OpenStream(Nginx through, Version version, String path, String encoding) throws Exception {
      this(through, version, path, encoding, "text/event-stream");
    }

    OpenStream(Nginx through, Version version, String path, String encoding, String accepted)
        throws Exception {
      var request =
          HttpRequest.newBuilder(through.url().resolve(path))
              .header("Accept", accepted)
              .header("Accept-Encoding", encoding)
              .build();
      answer = through.client(version).sendAsync(request, BodyHandlers.ofInputStream());
      var reader = new Thread(this::read, "stream");
      reader.setDaemon(true);
      reader.start();
    }

    HttpResponse<InputStream> head() throws Exception {
      return answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private void read() {
      try {
        var head = answer.join();
        boolean gzip = head.headers().firstValue("Content-Encoding").isPresent();
        InputStream body = gzip ? new GZIPInputStream(head.body()) : head.body();
        // byte by byte, because Java's readers block until their buffer is full
        var line = new ByteArrayOutputStream();
        for (int b = body.read(); b >= 0; b = body.read()) {
          if (b == '\n') {
            lines.add(line.toString(StandardCharsets.UTF_8));
            line.reset();
          } else {
            line.write(b);
          }
        }
      } catch (IOException e) {
        lines.add(e.toString());
      }
      lines.add(END);
    }

    /** Waits for a line that begins with the text, and removes the lines before it. */
    String awaitLine(String beginning) throws InterruptedException {
      while (true) {
        String line = lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (line == null || line.equals(END)) {
          throw new AssertionError("no line that begins with " + beginning);
        }
        if (line.startsWith(beginning)) {
          return line;
        }
      }
    }

    @Override
    public void close() throws Exception {
      head().body().close();
    }
  }
}
