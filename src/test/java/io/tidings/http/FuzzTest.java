package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.util.ResourceLeakDetector;
import io.tidings.Wait;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Thousands of hostile clients: none causes a 5xx, hangs, makes the hub log an exception, or leaves
 * resources behind. {@code make fuzz} runs more of them: {@code -Dfuzz.requests}, {@code
 * -Dfuzz.seed}.
 */
class FuzzTest {
  private static final int CLIENTS = 16;
  private static final int TIMEOUT_MILLIS = 15_000;
  private static final Pattern FAILED = Pattern.compile("HTTP/1\\.[01] 5\\d\\d ");

  /** The response of Vert.x to an unknown version of HTTP. */
  private static final String NOT_IMPLEMENTED = " 501 ";

  private final List<String> logged = new CopyOnWriteArrayList<>();
  private final Handler recorder = new Recorder();

  @ParameterizedTest
  @ValueSource(strings = {"io_uring", "epoll", "nio"})
  void hostileClientsDoNotFailTheHub(String transport) throws Exception {
    int requests = Integer.getInteger("fuzz.requests", 3_000) / 3;
    Long given = Long.getLong("fuzz.seed");
    long seed = given == null ? new Random().nextLong() : given;
    System.out.println("fuzz: SEED=" + seed + ", " + requests + " conversations on " + transport);
    assertTrue(ResourceLeakDetector.isEnabled());
    Logger.getLogger("").addHandler(recorder);
    var pool = Executors.newFixedThreadPool(CLIENTS);
    try (var hub =
        RunningHub.start(
            "http.transport",
            transport,
            "http.idle",
            "1s",
            "stream.heartbeat",
            "300ms",
            "http.upload",
            "1s")) {
      converse(pool, hub.port(), requests, given == null, seed);
      assertEquals(200, status(hub.port()));
      Wait.until("all streams have left", () -> hub.hub().streams() == 0);
      Wait.until("all probes have left", () -> figure(hub.port(), "tidings_probes ") == 0);
      System.gc(); // leaks are reported when what leaked is collected, and another is allocated
      for (int i = 0; i < 1_000; i++) {
        assertEquals(200, status(hub.port()));
      }
    } finally {
      pool.shutdownNow();
      Logger.getLogger("").removeHandler(recorder);
    }
    assertEquals(List.of(), logged, "SEED=" + seed);
  }

  /** Runs the conversations concurrently, and waits for all of them. */
  private void converse(
      ExecutorService pool, int port, int conversations, boolean random, long seed)
      throws Exception {
    var next = new AtomicInteger();
    List<Future<?>> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      clients.add(
          pool.submit(
              () -> {
                for (int n = next.getAndIncrement();
                    n < conversations;
                    n = next.getAndIncrement()) {
                  // without a given seed, half of the conversations are the same in each run
                  converse(port, random && n % 2 == 0 ? n : seed + n);
                }
                return null;
              }));
    }
    for (Future<?> client : clients) {
      client.get(1, TimeUnit.HOURS);
    }
  }

  /** Runs one connection to its end. */
  private void converse(int port, long seed) throws IOException {
    var fuzzer = new Fuzzer(seed);
    byte[] bytes = fuzzer.conversation();
    try (var socket = new Socket("127.0.0.1", port)) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      boolean http2 = new String(bytes, StandardCharsets.ISO_8859_1).startsWith("PRI");
      String answer;
      try {
        send(socket, bytes, fuzzer.pieces());
        if (fuzzer.goes()) {
          return;
        }
        if (fuzzer.halfCloses()) {
          socket.shutdownOutput();
        }
        answer = readAll(socket.getInputStream(), seed, bytes);
      } catch (SocketTimeoutException e) {
        throw new AssertionError("hangs: " + description(seed, bytes), e);
      } catch (IOException reset) {
        return; // a valid reaction to an invalid request
      }
      var failed = FAILED.matcher(answer);
      if (!http2 && failed.find() && !failed.group().contains(NOT_IMPLEMENTED)) {
        throw new AssertionError("failed: " + description(seed, bytes) + "\n" + answer);
      }
    }
  }

  private static void send(Socket socket, byte[] bytes, int pieces) throws IOException {
    int size = Math.max(1, bytes.length / pieces);
    for (int i = 0; i < bytes.length; i += size) {
      socket.getOutputStream().write(bytes, i, Math.min(size, bytes.length - i));
      socket.getOutputStream().flush();
    }
  }

  /** Reads until the hub closes the connection, at the latest by the idle timeout. */
  private static String readAll(InputStream in, long seed, byte[] bytes) throws IOException {
    var all = new ByteArrayOutputStream();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    var piece = new byte[8_192];
    for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
      all.write(piece, 0, Math.min(n, all.size() < 1 << 20 ? n : 0));
      boolean stream =
          all.toString(StandardCharsets.ISO_8859_1).contains("event-stream")
              || all.toString(StandardCharsets.ISO_8859_1).contains("ndjson")
              || all.toString(StandardCharsets.ISO_8859_1).contains(" 101 ")
              || bytes.length > 3 && bytes[0] == 'P' && bytes[1] == 'R';
      if (stream && all.size() > 0) {
        return all.toString(StandardCharsets.ISO_8859_1); // a stream may last forever
      }
      if (System.nanoTime() > deadline) {
        throw new AssertionError("does not end: " + description(seed, bytes));
      }
    }
    return all.toString(StandardCharsets.ISO_8859_1);
  }

  private static String description(long seed, byte[] bytes) {
    return "seed of the conversation "
        + seed
        + "\n"
        + new String(bytes, StandardCharsets.ISO_8859_1).replaceAll("[^\\p{Print}\r\n]", "?")
        + "\n"
        + HexFormat.of().formatHex(bytes);
  }

  private static int status(int port) throws IOException {
    try (var client = new RawClient(port)) {
      client.send("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
      return client.answer().status();
    }
  }

  private static double figure(int port, String name) {
    try (var client = new RawClient(port)) {
      client.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
      return client
          .answer()
          .body()
          .lines()
          .filter(line -> line.startsWith(name))
          .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
          .sum();
    } catch (IOException e) {
      return -1;
    }
  }

  private final class Recorder extends Handler {
    @Override
    public void publish(LogRecord line) {
      // Vert.x logs client errors; the process itself turns that off (Logging)
      boolean clients = "io.vertx.core.net.impl.ConnectionBase".equals(line.getLoggerName());
      if (line.getLevel().intValue() >= Level.WARNING.intValue() && !clients) {
        logged.add(line.getLoggerName() + ": " + line.getMessage() + " " + stack(line.getThrown()));
      }
    }

    private static String stack(Throwable thrown) {
      if (thrown == null) {
        return "";
      }
      var text = new java.io.StringWriter();
      thrown.printStackTrace(new java.io.PrintWriter(text));
      return text.toString();
    }

    @Override
    public void flush() {
      // nothing is buffered
    }

    @Override
    public void close() {
      // nothing to close
    }
  }
}
