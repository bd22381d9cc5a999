package io.tidings;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * Thousands of event streams over plain sockets, read by one thread. Each event is checked: the
 * data that {@link SoakIT} publishes begin with a name, a number and a length, and the numbers of a
 * name must be consecutive. A slow stream reads a limited number of bytes at a time.
 */
final class Swarm implements AutoCloseable {
  private static final long SLOW_EVERY_MILLIS = 250;
  private static final int PREFIX = 200;

  private final InetSocketAddress hub;
  private final Selector selector;
  private final Thread thread = new Thread(this::run, "swarm");
  private final Queue<Stream> arrivals = new ConcurrentLinkedQueue<>();
  private final List<Stream> streams = new CopyOnWriteArrayList<>();
  private final List<Stream> slow = new ArrayList<>();
  private final List<String> problems = new CopyOnWriteArrayList<>();
  private final ByteBuffer buffer = ByteBuffer.allocate(256 << 10);
  private volatile boolean closed;

  Swarm(int port) throws IOException {
    hub = new InetSocketAddress("127.0.0.1", port);
    selector = Selector.open();
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Opens a stream.
   *
   * @param target path and query
   * @param bytesAtATime the bytes that a slow stream reads four times a second; 0 for no limit
   */
  Stream open(String target, int bytesAtATime) throws IOException {
    var stream = new Stream(target, bytesAtATime);
    if (bytesAtATime > 0) {
      stream.channel.setOption(StandardSocketOptions.SO_RCVBUF, 4_096);
    }
    stream.channel.connect(hub);
    stream.channel.write(
        ByteBuffer.wrap(
            ("GET " + target + " HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII)));
    stream.channel.configureBlocking(false);
    arrivals.add(stream);
    selector.wakeup();
    return stream;
  }

  /** The violations that were found. */
  List<String> problems() {
    return problems;
  }

  private void problem(String problem) {
    if (problems.size() < 100) {
      problems.add(problem);
    }
  }

  private void run() {
    long slowAt = System.nanoTime();
    try {
      while (!closed) {
        selector.select(20);
        for (SelectionKey key : selector.selectedKeys()) {
          var stream = (Stream) key.attachment();
          read(stream, buffer.capacity());
          if (stream.ended) {
            key.cancel();
          }
        }
        selector.selectedKeys().clear();
        for (Stream stream = arrivals.poll(); stream != null; stream = arrivals.poll()) {
          if (stream.closing) {
            continue;
          }
          streams.add(stream);
          if (stream.bytesAtATime == 0) {
            stream.channel.register(selector, SelectionKey.OP_READ, stream);
          } else {
            slow.add(stream);
          }
        }
        if (System.nanoTime() - slowAt >= 0) {
          slowAt = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(SLOW_EVERY_MILLIS);
          slow.forEach(stream -> read(stream, stream.bytesAtATime));
        }
      }
    } catch (IOException | RuntimeException e) {
      problem("the swarm failed: " + e);
    }
  }

  private void read(Stream stream, int most) {
    if (stream.ended) {
      return;
    }
    try {
      buffer.clear().limit(most);
      int count = stream.channel.read(buffer);
      if (count < 0) {
        stream.ended = true;
      } else if (count > 0) {
        stream.lastMoved = System.nanoTime();
        stream.bytes += count;
        buffer.flip();
        stream.feed(buffer);
      }
    } catch (IOException e) {
      stream.ended = true;
      if (!stream.closing) {
        problem(stream.target + ": " + e);
      }
    }
    if (stream.ended && !stream.closing) {
      problem(stream.target + ": the connection was lost");
    }
  }

  /** Closes all streams at once. */
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    selector.wakeup();
    try {
      thread.join(5_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (Stream stream : streams) {
      stream.close();
    }
    selector.close();
  }

  private enum Part {
    HEAD,
    SIZE,
    DATA,
    DATA_END
  }

  /** One stream. Its fields belong to the reading thread, except the volatile ones. */
  final class Stream {
    private final String target;
    private final int bytesAtATime;
    private final SocketChannel channel;
    private final StringBuilder line = new StringBuilder();
    private final Map<String, Integer> last = new HashMap<>(2);
    private Part part = Part.HEAD;
    private int size;
    private int lineLength;

    /** Whether the event being read is one of the hub's that reports no loss. */
    private boolean ofHub;

    private volatile int events;
    private volatile int newest = -1;
    private volatile boolean open;
    private volatile boolean ended;
    private volatile boolean closing;
    private volatile long lastMoved = System.nanoTime();
    private volatile long bytes;
    private volatile java.util.function.IntConsumer onEvent = number -> {};

    private Stream(String target, int bytesAtATime) throws IOException {
      this.target = target;
      this.bytesAtATime = bytesAtATime;
      this.channel = SocketChannel.open();
    }

    /** The number of events received. */
    int events() {
      return events;
    }

    /** The number of the newest event. */
    int newest() {
      return newest;
    }

    /** Whether the head of the response was received. */
    boolean isOpen() {
      return open;
    }

    long bytes() {
      return bytes;
    }

    /** The time of the last read, as {@link System#nanoTime}. */
    long lastMoved() {
      return lastMoved;
    }

    /** Sets a handler for the number of each event. */
    void onEvent(java.util.function.IntConsumer action) {
      onEvent = action;
    }

    void close() throws IOException {
      closing = true;
      channel.close();
    }

    private void feed(ByteBuffer from) {
      while (from.hasRemaining()) {
        if (part == Part.DATA) {
          int count = Math.min(size, from.remaining());
          for (int i = 0; i < count; i++) {
            data((char) (from.get() & 0xFF));
          }
          size -= count;
          if (size == 0) {
            part = Part.DATA_END;
            line0 = 0;
          }
        } else {
          frame((char) (from.get() & 0xFF));
        }
      }
    }

    /** The length of the current line of the chunked framing. */
    private int line0;

    private final StringBuilder framing = new StringBuilder();

    private void frame(char c) {
      if (c != '\n') {
        if (c != '\r') {
          framing.append(c);
          line0++;
        }
        return;
      }
      String text = framing.toString();
      framing.setLength(0);
      switch (part) {
        case HEAD -> {
          if (text.startsWith("HTTP/1.1") && !text.startsWith("HTTP/1.1 200")) {
            problem(target + ": " + text);
          }
          if (text.isEmpty()) {
            open = true;
            part = Part.SIZE;
          }
        }
        case SIZE -> {
          size = Integer.parseInt(text, 16);
          part = size == 0 ? Part.DATA_END : Part.DATA;
          if (size == 0 && !closing) {
            ended = true;
          }
        }
        default -> {
          if (!text.isEmpty()) {
            problem(target + ": a chunk is longer than its size");
          }
          part = Part.SIZE;
        }
      }
    }

    private void data(char c) {
      if (c != '\n') {
        if (lineLength++ < PREFIX) {
          line.append(c);
        }
        return;
      }
      if (lineLength == 0) {
        ofHub = false;
      } else if (line.charAt(0) == 'e' && line.indexOf("event: hub.") == 0) {
        String type = line.substring("event: ".length());
        ofHub = type.equals("hub.open") || type.equals("hub.beat");
      } else if (!ofHub && lineLength > 6 && line.charAt(0) == 'd' && line.indexOf("data: ") == 0) {
        event(line.toString(), lineLength);
      }
      line.setLength(0);
      lineLength = 0;
    }

    private void event(String text, int length) {
      String[] words = text.substring("data: ".length()).split(" ", 4);
      if (words.length < 4) {
        problem(target + ": " + text);
        return;
      }
      int number = Integer.parseInt(words[1]);
      if (length - "data: ".length() != Integer.parseInt(words[2])) {
        problem(target + ": event " + number + " of " + length + " bytes instead of " + words[2]);
      }
      Integer before = last.put(words[0], number);
      if (before != null && number != before + 1) {
        problem(target + ": " + number + " after " + before);
      }
      newest = number;
      events++;
      onEvent.accept(number);
    }
  }
}
