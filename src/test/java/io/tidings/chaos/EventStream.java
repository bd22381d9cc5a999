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
import java.util.Locale;

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

  /** The response has another status than 200. */
  static final class Refused extends IOException {
    private static final long serialVersionUID = 1;
    private final int status;
    private final String challenge;

    private Refused(String statusLine, String challenge) {
      super(statusLine + " " + challenge);
      this.status = Integer.parseInt(statusLine.split(" ")[1]);
      this.challenge = challenge;
    }

    int status() {
      return status;
    }

    /** The header WWW-Authenticate; empty without it. */
    String challenge() {
      return challenge;
    }
  }

  /**
   * Connects and requests; the response is read by {@link #next}.
   *
   * @param authorization the header; empty for none
   * @throws Refused if the response has another status than 200
   */
  void open(URI url, String lastEventId, String authorization) throws IOException {
    socket.setSoTimeout(READ_MILLIS);
    socket.connect(new InetSocketAddress(url.getHost(), url.getPort()), CONNECT_MILLIS);
    var request = new StringBuilder();
    request.append("GET %s?%s HTTP/1.1\r\n".formatted(url.getPath(), url.getQuery()));
    request.append("Host: %s\r\n".formatted(url.getAuthority()));
    request.append("Accept: text/event-stream\r\n");
    if (!lastEventId.isEmpty()) {
      request.append("Last-Event-ID: %s\r\n".formatted(lastEventId));
    }
    if (!authorization.isEmpty()) {
      request.append("Authorization: %s\r\n".formatted(authorization));
    }
    request.append("\r\n");
    socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.US_ASCII));
    in = new BufferedInputStream(socket.getInputStream(), bytes.length);
    readHead();
  }

  private void readHead() throws IOException {
    String status = line();
    String challenge = "";
    boolean chunked = false;
    for (String header = line(); !header.isEmpty(); header = line()) {
      chunked |= header.equalsIgnoreCase("Transfer-Encoding: chunked");
      if (header.toLowerCase(Locale.ROOT).startsWith("www-authenticate:")) {
        challenge = header;
      }
    }
    if (!status.startsWith("HTTP/1.1 ")) {
      throw new IOException(status);
    } else if (!status.startsWith("HTTP/1.1 200")) {
      throw new Refused(status, challenge);
    } else if (!chunked) {
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
