import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What happens to the others: 100 of 1,000 streams stop reading while 50,000 events of 1 KB go out, and read again. Order and
 * completeness are checked on every stream. Run by {@code make bench}; one thread reads all streams, so latencies hold its own time too, and what counts is their ratio.
 *
 * <p>Arguments: the hub's port and process id.
 */
public final class Readers {
  private static final int RATE = 100;
  private static final int SIZE = 1_000;
  private static final int SECONDS = 6;

  private final int port;
  private final long pid;
  private final Selector selector = Selector.open();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 18);
  private volatile long published;
  private boolean measuring;

  private Readers(int port, long pid) throws IOException {
    this.port = port;
    this.pid = pid;
  }

  public static void main(String[] arguments) throws Exception {
    int port = Integer.parseInt(arguments[0]);
    long pid = Long.parseLong(arguments[1]);
    new Readers(port, pid).slow();
  }

  // ---- the scenarios

  private void slow() throws Exception {
    List<Stream> fast = open("slow", 900, "", published);
    List<Stream> slow = open("slow", 100, "", published);
    List<Stream> all = new ArrayList<>(fast);
    all.addAll(slow);
    measure("slow", all); // warm
    double before = measure("slow", all);
    slow.forEach(stream -> stream.key.interestOps(0));
    double during = measure("slow", fast);
    long memoryBefore = resident();
    flood("slow", 50_000, fast);
    awaitAll(fast);
    long memoryAfter = resident();
    slow.forEach(stream -> stream.key.interestOps(SelectionKey.OP_READ));
    awaitAll(slow);
    long gaps = slow.stream().filter(stream -> stream.gaps > 0).count();
    System.out.printf(
        Locale.ROOT,
        "slow readers: p99 of the others %.2f ms before, %.2f ms while 100 of 1,000 do not read (x %.2f); memory %d MB before and %d MB after"
            + " 50,000 events of 1 KB; reading again all 100 received the rest in order, %d of them after one hub.gap%n",
        before, during, during / before, memoryBefore, memoryAfter, gaps);
    all.forEach(Stream::close);
  }

  /** Publishes at the rate for some seconds, and returns the p99 from publish to receipt over the streams, in milliseconds. */
  private double measure(String topic, List<Stream> streams) throws Exception {
    measuring = true;
    Thread publisher = publisher(topic, RATE * SECONDS);
    publisher.start();
    while (publisher.isAlive()) {
      read(10);
    }
    awaitAll(streams);
    measuring = false;
    double p99 = percentile(streams);
    streams.forEach(stream -> stream.latencies.clear());
    return p99;
  }

  private static double percentile(List<Stream> streams) {
    long[] all = streams.stream().flatMap(stream -> stream.latencies.stream()).mapToLong(Long::longValue).sorted().toArray();
    return all.length == 0 ? 0 : all[(int) (all.length * 0.99)] / 1e6;
  }

  private void awaitAll(List<Stream> streams) throws IOException {
    long deadline = System.nanoTime() + 120_000_000_000L;
    while (streams.stream().anyMatch(stream -> stream.expected < published)) {
      read(10);
      if (System.nanoTime() > deadline) {
        throw new IOException("streams wait in vain for event " + published);
      }
    }
  }

  private long resident() throws IOException {
    Matcher memory = Pattern.compile("VmRSS:\\s+(\\d+)").matcher(Files.readString(Path.of("/proc/" + pid + "/status")));
    return memory.find() ? Long.parseLong(memory.group(1)) / 1024 : 0;
  }

  // ---- publishing: each event is "@" + its number in ten digits + its time in nineteen, and is filled up

  private Thread publisher(String topic, int count) {
    return new Thread(
        () -> {
          try (var socket = new Socket("127.0.0.1", port)) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            long due = System.nanoTime();
            for (int i = 0; i < count; i++) {
              due += 1_000_000_000L / RATE;
              while (System.nanoTime() < due) {
                Thread.sleep(1);
              }
              post(socket, in, "/events/" + topic, event(published));
              published++;
            }
          } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  /** Publishes in batches, as fast as the given streams can receive. */
  private void flood(String topic, int count, List<Stream> streams) throws IOException {
    try (var socket = new Socket("127.0.0.1", port)) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      for (int done = 0; done < count; ) {
        int batch = Math.min(200, count - done);
        var lines = new StringBuilder();
        for (int i = 0; i < batch; i++) {
          lines.append("{\"topic\":\"").append(topic).append("\",\"data\":\"").append(event(published + i)).append("\"}\n");
        }
        post(socket, in, "/events", lines.toString());
        published += batch;
        done += batch;
        while (streams.stream().anyMatch(stream -> stream.expected < published - 2_000)) {
          read(10);
        }
      }
    }
  }

  private static String event(long number) {
    String head = "@%010d%019d".formatted(number, System.nanoTime());
    return head + "x".repeat(Math.max(0, SIZE - head.length()));
  }

  private static void post(Socket socket, InputStream in, String path, String body) throws IOException {
    socket.getOutputStream().write(("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + body.length() + "\r\n\r\n" + body).getBytes(StandardCharsets.US_ASCII));
    var head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.read());
    }
    Matcher length = Pattern.compile("content-length: (\\d+)").matcher(head);
    if (!head.toString().startsWith("HTTP/1.1 200") || !length.find()) {
      throw new IOException("not published: " + head);
    }
    in.skipNBytes(Integer.parseInt(length.group(1)));
  }

  // ---- subscribers

  private List<Stream> open(String topic, int count, String query, long expected) throws IOException {
    var streams = new ArrayList<Stream>();
    byte[] request = ("GET /events/" + topic + query + " HTTP/1.1\r\nHost: localhost\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < count; i++) {
      var channel = SocketChannel.open();
      channel.setOption(StandardSocketOptions.SO_RCVBUF, 64 * 1024);
      channel.connect(new InetSocketAddress("127.0.0.1", port));
      channel.write(ByteBuffer.wrap(request));
      channel.configureBlocking(false);
      var stream = new Stream();
      stream.expected = expected;
      stream.key = channel.register(selector, SelectionKey.OP_READ, stream);
      streams.add(stream);
      if (i % 50 == 0) {
        read(0);
      }
    }
    while (streams.stream().anyMatch(stream -> !stream.opened)) {
      read(10);
    }
    return streams;
  }

  private void read(long millis) throws IOException {
    if (millis == 0) {
      selector.selectNow();
    } else {
      selector.select(millis);
    }
    long now = System.nanoTime();
    for (SelectionKey key : selector.selectedKeys()) {
      var stream = (Stream) key.attachment();
      if (((SocketChannel) key.channel()).read(buffer.clear()) < 0) {
        throw new IOException("a stream was closed");
      }
      stream.take(buffer.flip(), now);
    }
    selector.selectedKeys().clear();
  }

  /** One stream: parses its lines, wherever they are cut, and checks that the events are complete and in order. */
  private final class Stream {
    private static final String DATA = "data: @";
    private static final int NUMBERS = 29;

    private final List<Long> latencies = new ArrayList<>();
    private final byte[] line = new byte[DATA.length() + NUMBERS + 1];
    private SelectionKey key;
    private long expected;
    private boolean opened;
    private int gaps;

    /** The bytes of the line so far, without the padding of an event. */
    private int length;

    /** The bytes of padding still expected. */
    private int padding;

    void take(ByteBuffer from, long now) {
      opened = true;
      while (from.hasRemaining()) {
        if (padding > 0) {
          int skipped = Math.min(padding, from.remaining());
          from.position(from.position() + skipped);
          padding -= skipped;
          continue;
        }
        byte b = from.get();
        if (b == '\n') {
          end();
        } else {
          line[Math.min(length++, line.length - 1)] = b;
          if (length == line.length - 1 && starts(DATA)) {
            received(now);
            padding = SIZE - 1 - NUMBERS;
          }
        }
      }
    }

    /** A line has ended. */
    private void end() {
      if (starts(DATA) && length != line.length - 1) {
        throw new IllegalStateException("event " + expected + " has not " + SIZE + " bytes");
      }
      if (starts("event: hub.gap")) {
        gaps++;
      }
      length = 0;
    }

    private boolean starts(String with) {
      return length >= with.length() && with.equals(new String(line, 0, with.length(), StandardCharsets.US_ASCII));
    }

    private void received(long now) {
      String text = new String(line, DATA.length(), NUMBERS, StandardCharsets.US_ASCII);
      long number = Long.parseLong(text.substring(0, 10));
      if (number != expected && !(gaps == 1 && number > expected)) {
        throw new IllegalStateException("received event " + number + ", expected " + expected + ", after " + gaps + " gaps");
      }
      expected = number + 1;
      if (measuring) {
        latencies.add(now - Long.parseLong(text.substring(10)));
      }
    }

    void close() {
      try {
        key.channel().close();
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
