package io.tidings;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/** Event streams of one hub, read by one thread, which notes when the last of them has ended. */
final class EndingStreams implements AutoCloseable {
  private final Selector selector = Selector.open();
  private final Thread thread = new Thread(this::run, "ending-streams");
  private final AtomicInteger opened = new AtomicInteger();
  private final AtomicInteger ended = new AtomicInteger();
  private volatile long lastEndNanos;
  private volatile boolean closed;

  /** What was received of one stream. */
  private static final class Received {
    private final StringBuilder text = new StringBuilder();
    private boolean open;
  }

  /**
   * Opens streams.
   *
   * @param authorization the header
   */
  EndingStreams(int port, int count, String path, String authorization) throws IOException {
    String request =
        "GET "
            + path
            + " HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nAuthorization: "
            + authorization
            + "\r\n\r\n";
    for (int i = 0; i < count; i++) {
      SocketChannel channel = SocketChannel.open(new InetSocketAddress("127.0.0.1", port));
      channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ, new Received());
    }
    thread.setDaemon(true);
    thread.start();
  }

  /** How many have begun. */
  int opened() {
    return opened.get();
  }

  /** How many have ended. */
  int ended() {
    return ended.get();
  }

  /** When the last one ended, by {@link System#nanoTime}. */
  long lastEndNanos() {
    return lastEndNanos;
  }

  private void run() {
    ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
    try {
      while (!closed) {
        selector.select(100);
        for (SelectionKey key : selector.selectedKeys()) {
          read(key, buffer.clear());
        }
        selector.selectedKeys().clear();
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void read(SelectionKey key, ByteBuffer buffer) throws IOException {
    var received = (Received) key.attachment();
    int count = ((SocketChannel) key.channel()).read(buffer);
    received.text.append(StandardCharsets.UTF_8.decode(buffer.flip()));
    if (!received.open && received.text.indexOf("event: hub.open") >= 0) {
      received.open = true;
      opened.incrementAndGet();
    }
    if (count < 0 || received.text.indexOf("event: hub.end") >= 0) {
      lastEndNanos = System.nanoTime();
      key.cancel();
      key.channel().close();
      ended.incrementAndGet();
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    for (SelectionKey key : selector.keys()) {
      key.channel().close();
    }
    selector.close();
  }
}
