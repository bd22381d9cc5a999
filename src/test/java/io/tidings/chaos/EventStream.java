package io.tidings.chaos;

import io.tidings.wire.EventStreamParser;
import io.tidings.wire.EventStreamParser.ReceivedEvent;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * One response of Server-Sent Events on a socket of its own, whose reads end after some time, as
 * those of a client that knows of the heartbeat. Used by one thread; closed by any.
 */
final class EventStream implements AutoCloseable {
  private static final int CONNECT_MILLIS = 2_000;
  private static final int READ_MILLIS = 6_000;
  private static final int LONGEST_LINE = 1_000;

  private final Socket socket = new Socket();
  private final EventStreamParser parser = new EventStreamParser();
  private final byte[] bytes = new byte[64 * 1_024];
  private InputStream in;

  /** Connects and requests; the response is read by {@link #next}. */
  void open(URI url, String lastEventId) throws IOException {
    socket.setSoTimeout(READ_MILLIS);
    socket.connect(new InetSocketAddress(url.getHost(), url.getPort()), CONNECT_MILLIS);
    String request =
        "GET %s?%s HTTP/1.1\r\nHost: %s\r\nAccept: text/event-stream\r\n%s\r\n"
            .formatted(
                url.getPath(),
                url.getQuery(),
                url.getAuthority(),
                lastEventId.isEmpty() ? "" : "Last-Event-ID: " + lastEventId + "\r\n");
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    in = new BufferedInputStream(socket.getInputStream(), bytes.length);
    String status = line();
    if (!status.startsWith("HTTP/1.1 200")) {
      throw new IOException(status);
    }
    boolean chunked = false;
    for (String header = line(); !header.isEmpty(); header = line()) {
      chunked |= header.equalsIgnoreCase("Transfer-Encoding: chunked");
    }
    if (!chunked) {
      throw new IOException("a stream without chunks");
    }
  }

  /**
   * The events that the next chunk completes, perhaps none.
   *
   * @throws IOException at the end of the response, whichever
   */
  List<ReceivedEvent> next() throws IOException {
    int left = Integer.parseInt(line(), 16);
    if (left == 0) {
      throw new EOFException("the end");
    }
    while (left > 0) {
      int count = in.read(bytes, 0, Math.min(left, bytes.length));
      if (count < 0) {
        throw new EOFException("cut");
      }
      parser.feed(java.util.Arrays.copyOf(bytes, count));
      left -= count;
    }
    line();
    List<ReceivedEvent> events = List.copyOf(parser.all());
    parser.all().clear();
    parser.events().clear();
    return events;
  }

  /** The id to resume with; empty if none was received. */
  String lastEventId() {
    return parser.lastEventId();
  }

  private String line() throws IOException {
    var line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0 || line.length() > LONGEST_LINE) {
        throw new EOFException("cut");
      }
      if (b != '\r') {
        line.append((char) b);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
