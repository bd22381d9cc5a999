package io.tidings;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What ordinary clients of a hub do, from opening streams to their loss, so that the JVM learns how
 * to serve them. Blocks; each wait is limited.
 */
final class SampleLoad {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** With both ends in this process, below the usual limit of 1,024 file descriptors. */
  private static final int STREAMS = 300;

  private static final int TOPICS = 30;
  private static final int EVENTS = 300;
  private static final int BATCHES = 30;
  private static final int BATCH = 100;

  /** The last event of a round; no other has this data. */
  private static final String LAST = "the last of all";

  /** The paths of streams, and a further header; each receives {@link #LAST}. */
  private static final List<String> STREAM_REQUESTS =
      List.of(
          "/events/sample.%d HTTP/1.1\r\nAccept: text/event-stream",
          "/events/sample.%d HTTP/1.1\r\nAccept: text/event-stream\r\nCache-Control: no-cache",
          "/events/sample.%d?since=latest HTTP/1.1\r\nAccept: */*",
          "/events?topic=sample.%d&topic=other.** HTTP/1.1\r\nAccept: text/event-stream",
          "/events?topic=sample.%d HTTP/1.1\r\nAccept: application/x-ndjson",
          "/events?topic=sample.*&last_event_id=earliest HTTP/1.1\r\nAccept: text/event-stream");

  private final HubNode hub;

  SampleLoad(HubNode hub) {
    this.hub = hub;
  }

  /**
   * Opens streams, publishes events, one after the other and in batches, receives them all, and
   * closes the streams; returns when the hub has none of them.
   */
  void run() throws IOException {
    var streams = new ArrayList<Socket>();
    try {
      for (int i = 0; i < STREAMS; i++) {
        streams.add(connect());
        String request = STREAM_REQUESTS.get(i % STREAM_REQUESTS.size()).formatted(i % TOPICS);
        send(streams.get(i), "GET " + request + "\r\nHost: localhost\r\n\r\n");
      }
      publish();
      for (Socket stream : streams) {
        readUntil(stream.getInputStream(), LAST);
      }
    } finally {
      for (Socket stream : streams) {
        stream.close();
      }
    }
    awaitNoStreams();
  }

  /** Requests pages, as browsers and monitoring do. */
  void browse() throws IOException {
    for (String path : List.of("/", "/health/ready", "/metrics", "/cluster", "/none")) {
      try (Socket socket = connect()) {
        send(socket, "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        socket.getInputStream().readAllBytes();
      }
    }
  }

  private void publish() throws IOException {
    try (Socket socket = connect()) {
      for (int i = 0; i < EVENTS; i++) {
        post(socket, "/events/sample." + i % TOPICS, "{\"n\":" + i + "}");
      }
      for (int i = 0; i < BATCHES; i++) {
        String line = "{\"topic\":\"sample." + i % TOPICS + "\",\"type\":\"t\",\"data\":\"x\"}\n";
        post(socket, "/events", line.repeat(BATCH));
      }
      for (int topic = 0; topic < TOPICS; topic++) {
        post(socket, "/events/sample." + topic, LAST);
      }
    }
  }

  private static void post(Socket socket, String path, String body) throws IOException {
    String head = "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: ";
    send(socket, head + body.length() + "\r\n\r\n" + body);
    readUntil(socket.getInputStream(), "}");
  }

  private Socket connect() throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), hub.port());
    socket.setSoTimeout((int) PATIENCE.toMillis());
    socket.setTcpNoDelay(true);
    return socket;
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** Reads until the text has been received; there may be more after it. */
  private static void readUntil(InputStream in, String text) throws IOException {
    var bytes = new byte[8192];
    String tail = "";
    while (!tail.contains(text)) {
      int read = in.read(bytes);
      if (read < 0) {
        throw new IOException("ended without: " + text);
      }
      String all = tail + new String(bytes, 0, read, StandardCharsets.US_ASCII);
      tail = all.contains(text) ? all : all.substring(Math.max(0, all.length() - text.length()));
    }
  }

  private void awaitNoStreams() throws IOException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (hub.streams() > 0) {
      if (System.nanoTime() - end > 0) {
        throw new IOException("the hub still has " + hub.streams() + " streams");
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
  }
}
