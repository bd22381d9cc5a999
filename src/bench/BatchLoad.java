import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Publishes batches as fast as one stream receives them. */
final class BatchLoad {
  private static final int BATCH = 500;
  private static final int PUBLISHERS = 2;
  private static final int MAX_AHEAD = 50_000;

  private BatchLoad() {}

  /** Events a second that are published in batches of 500 on two connections, appended, and received by one stream. */
  static double eventsPerSecond(Server hub, boolean quick) throws Exception {
    int batches = quick ? 400 : 4_000;
    var line = "{\"topic\":\"batch\",\"data\":\"" + "x".repeat(100) + "\"}\n";
    byte[] body = line.repeat(BATCH).getBytes(StandardCharsets.US_ASCII);
    byte[] head = ("POST /events HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + body.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    var received = new Received();
    try (var stream = new EventStream(hub.port(), "/events/batch", 30_000)) {
      for (int warm = 0; warm < 3; warm++) {
        received(stream, received, hub.port(), head, body, batches / 2);
      }
      long perSecond = received(stream, received, hub.port(), head, body, batches);
      System.out.println("{\"label\":\"batch\",\"events_per_s\":" + perSecond + "}");
      return perSecond;
    }
  }

  /** Publishes, reads until all of it was received, and returns how many events a second that was. */
  private static long received(EventStream stream, Received received, int port, byte[] head, byte[] body, int batches) throws IOException {
    var ahead = new AtomicLong();
    var publishers = new ArrayList<Thread>();
    for (int p = 0; p < PUBLISHERS; p++) {
      var publisher = new Thread(() -> publish(port, head, body, batches / PUBLISHERS, ahead));
      publisher.setDaemon(true); // if the stream fails, nothing waits for it
      publishers.add(publisher);
    }
    long events = (long) BATCH * batches;
    long begin = System.nanoTime();
    publishers.forEach(Thread::start);
    for (long left = events; left > 0; ) {
      long before = received.events;
      stream.read(received);
      left -= received.events - before;
      ahead.addAndGet(before - received.events);
    }
    return events * 1_000_000_000L / (System.nanoTime() - begin);
  }

  /** Counts events, whose offsets must follow one another: none is missing, and none comes twice. */
  private static final class Received implements EventStream.Lines {
    private long events;
    private long last = -1;
    private long offset = -1;
    private boolean data;
    private boolean own;

    @Override
    public void line(byte[] bytes, int from, int length) throws IOException {
      if (EventStream.begins(bytes, from, length, "id: ")) {
        offset = offset(bytes, from, from + length);
      } else if (EventStream.begins(bytes, from, length, "data: ")) {
        data = true;
      } else if (EventStream.begins(bytes, from, length, "event: hub.")) {
        own = true;
      } else if (length == 0 && own) { // the hub's own block
        own = false;
        data = false;
      } else if (length == 0 && data) {
        if (last >= 0 && offset != last + 1) {
          throw new IOException("after the event at " + last + " came that at " + offset);
        }
        last = offset;
        data = false;
        events++;
      }
    }

    /** What is behind the tilde of an id, to the base of 36. */
    private static long offset(byte[] bytes, int from, int to) {
      int i = from;
      while (bytes[i++] != '~') {}
      long offset = 0;
      for (; i < to; i++) {
        offset = offset * 36 + Character.digit(bytes[i], 36);
      }
      return offset;
    }
  }

  /** Publishes, but never so far ahead of the stream that retention removes what the stream has not received. */
  private static void publish(int port, byte[] head, byte[] body, int batches, AtomicLong ahead) {
    try (var socket = new Socket("127.0.0.1", port)) {
      InputStream in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
      OutputStream out = socket.getOutputStream();
      socket.setTcpNoDelay(true); // or head and body wait for each other
      for (int i = 0; i < batches; i++) {
        while (ahead.get() > MAX_AHEAD) {
          LockSupport.parkNanos(20_000);
        }
        ahead.addAndGet(BATCH);
        out.write(head);
        out.write(body);
        HubProcesses.skipAnswer(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
