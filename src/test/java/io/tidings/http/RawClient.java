package io.tidings.http;

import io.tidings.wire.EventStreamParser;
import io.tidings.wire.EventStreamParser.ReceivedEvent;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;

/**
 * An HTTP/1 client on a plain socket: sends exactly the bytes that a test gives it, and parses the
 * framing of the response strictly.
 */
final class RawClient implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 15_000;

  private final Socket socket;
  private final InputStream in;
  private EventStreamParser parser = new EventStreamParser();
  private boolean allBlocks;
  private int status;
  private final Map<String, String> headers = new TreeMap<>();
  private boolean ended;

  RawClient(int port) throws IOException {
    this(port, 0);
  }

  RawClient(int port, int receiveBuffer) throws IOException {
    this(TestTls.over(connected(port, receiveBuffer)));
  }

  private RawClient(Socket socket) throws IOException {
    this.socket = socket;
    in = socket.getInputStream();
  }

  /** A client that speaks TLS. */
  static RawClient over(SSLContext context, int port, int receiveBuffer) throws IOException {
    return new RawClient(TestTls.over(connected(port, receiveBuffer), context));
  }

  private static Socket connected(int port, int receiveBuffer) throws IOException {
    var socket = new Socket();
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.connect(new InetSocketAddress("127.0.0.1", port));
    return socket;
  }

  /** Opens a stream, and reads the head of the response. */
  static RawClient subscribe(int port, String target, String... headers) throws IOException {
    var client = new RawClient(port);
    client.send(request("GET " + target, headers) + "\r\n");
    client.readHead();
    return client;
  }

  /** Sends one request with a body, and returns the response. */
  static Answer post(int port, String target, byte[] body, String... headers) throws IOException {
    try (var client = new RawClient(port)) {
      client.send(
          request("POST " + target, headers) + "Content-Length: " + body.length + "\r\n\r\n");
      client.socket.getOutputStream().write(body);
      return client.answer();
    }
  }

  static Answer post(int port, String target, String body, String... headers) throws IOException {
    return post(port, target, body.getBytes(StandardCharsets.UTF_8), headers);
  }

  /** A response. */
  record Answer(int status, Map<String, String> headers, String body) {}

  private static String request(String line, String... headers) {
    var head = new StringBuilder(line + " HTTP/1.1\r\nHost: localhost\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    return head.toString();
  }

  void send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Whether the server has closed its socket: its kernel then answers with a reset. */
  boolean isReset() {
    try {
      send("x");
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  Socket socket() {
    return socket;
  }

  int status() {
    return status;
  }

  Map<String, String> headers() {
    return headers;
  }

  EventStreamParser parser() {
    return parser;
  }

  /** Replaces the parser; must be called before the body is read. */
  RawClient with(EventStreamParser other) {
    parser = other;
    return this;
  }

  void readHead() throws IOException {
    headers.clear();
    status = Integer.parseInt(line().split(" ")[1]);
    for (String line = line(); !line.isEmpty(); line = line()) {
      String[] pair = line.split(":", 2);
      headers.put(pair[0].toLowerCase(Locale.ROOT), pair[1].strip());
    }
  }

  Answer answer() throws IOException {
    readHead();
    String length = headers.get("content-length");
    byte[] body = length == null ? new byte[0] : in.readNBytes(Integer.parseInt(length));
    return new Answer(status, Map.copyOf(headers), new String(body, StandardCharsets.UTF_8));
  }

  /** Reads until that many events were received, and returns them. */
  List<ReceivedEvent> await(int events) throws IOException {
    return await(received -> received.size() >= events);
  }

  /** Makes {@code await} also count the hub's own blocks that only carry a position. */
  RawClient countingAllBlocks() {
    allBlocks = true;
    return this;
  }

  private List<ReceivedEvent> received() {
    return allBlocks ? parser.all() : parser.events();
  }

  List<ReceivedEvent> await(Predicate<List<ReceivedEvent>> enough) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TIMEOUT_MILLIS);
    while (!enough.test(received())) {
      if (System.nanoTime() - deadline > 0) {
        throw new SocketTimeoutException("timed out; received " + parser.all());
      }
      if (!more()) {
        throw new EOFException("the stream ended after " + parser.events());
      }
    }
    return new ArrayList<>(received());
  }

  List<String> awaitData(int events) throws IOException {
    return await(events).stream().map(ReceivedEvent::data).toList();
  }

  /** Reads to the end of the response, which must be complete, and returns the events received. */
  List<ReceivedEvent> awaitEnd() throws IOException {
    while (more()) {
      // more
    }
    return received();
  }

  /**
   * Reads until the connection ends without the last chunk of the response, and returns the events
   * received.
   */
  List<ReceivedEvent> awaitCut() throws IOException {
    try {
      while (more()) {
        // more
      }
    } catch (EOFException e) {
      if (e.getMessage().equals("in the middle of a line: ")) {
        return received();
      }
      throw e;
    }
    throw new IOException("the response has its last chunk");
  }

  /** The text of the next chunk. */
  String chunk() throws IOException {
    return new String(part(), StandardCharsets.UTF_8);
  }

  /** The body up to the end of the chunk that completes one of the texts. */
  byte[] bytesUntil(String... texts) throws IOException {
    var bytes = new ByteArrayOutputStream();
    while (List.of(texts).stream().noneMatch(bytes.toString(StandardCharsets.UTF_8)::contains)) {
      bytes.writeBytes(part());
    }
    return bytes.toByteArray();
  }

  /** Reads lines of JSON: at least {@code count}, or all up to the end of the response. */
  List<JsonObject> lines(int count) throws IOException {
    var text = new StringBuilder();
    while (text.chars().filter(c -> c == '\n').count() < count) {
      byte[] part = part();
      if (part.length == 0) {
        break;
      }
      text.append(new String(part, StandardCharsets.UTF_8));
    }
    return text.toString().lines().map(JsonObject::new).toList();
  }

  /** Reads and parses a part of the body; false at its end. */
  private boolean more() throws IOException {
    byte[] part = part();
    parser.feed(part);
    return part.length > 0;
  }

  /**
   * Reads a part of the body; empty at its end. A connection that ends without the last chunk is an
   * error.
   */
  private byte[] part() throws IOException {
    if (ended) {
      return new byte[0];
    }
    if (!"chunked".equals(headers.get("transfer-encoding"))) {
      byte[] bytes = new byte[8_192];
      int count = in.read(bytes);
      ended = count < 0;
      return ended ? new byte[0] : Arrays.copyOf(bytes, count);
    }
    int size = Integer.parseInt(line(), 16);
    byte[] chunk = in.readNBytes(size);
    if (chunk.length < size || !line().isEmpty()) {
      throw new EOFException("in the middle of a chunk");
    }
    ended = size == 0;
    return chunk;
  }

  private String line() throws IOException {
    var line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("in the middle of a line: " + line);
      }
      line.write(b);
    }
    String text = line.toString(StandardCharsets.UTF_8);
    if (!text.endsWith("\r")) {
      throw new IOException("a line that does not end with CRLF: " + text);
    }
    return text.substring(0, text.length() - 1);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
