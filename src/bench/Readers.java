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
 * What happens to the others: 20 of 200 streams stop reading while 50,000 events of 1 KB go out, and read again. Order and
 * completeness are checked on every stream. Run by {@code make bench}; one thread reads all streams, so latencies hold its own time too, and what counts is their ratio.
 *
 * <p>Arguments: the hub's port and process id.
 */
public final class Readers {
  private static final int RATE = 100;
  private static final int SECONDS = 6;

  private final int port;
  private final long pid;
  private final Selector selector = Selector.open();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 18);
  private final byte[] bytes = new byte[1 << 18];
  private volatile long published;

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
    List<Stream> fast = open("slow", 180, "", published);
    List<Stream> slow = open("slow", 20, "", published);
    List<Stream> all = new ArrayList<>(fast);
    all.addAll(slow);
    measure("slow", 1_000, all); // warm
    double before = measure("slow", 1_000, all);
    slow.forEach(stream -> stream.key.interestOps(0));
    double during = measure("slow", 1_000, fast);
    long memoryBefore = resident();
    flood("slow", 50_000, 1_000, fast);
    awaitAll(fast);
    long memoryAfter = resident();
    slow.forEach(stream -> stream.key.interestOps(SelectionKey.OP_READ));
    awaitAll(slow);
    long gaps = slow.stream().filter(stream -> stream.gaps > 0).count();
    System.out.printf(
        Locale.ROOT,
        "slow readers: p99 of the others %.2f ms before, %.2f ms while 20 of 200 do not read (x %.2f); memory %d MB before and %d MB after"
            + " 50,000 events of 1 KB; reading again all 20 heard the rest in order, %d of them after one hub.gap%n",
        before, during, during / before, memoryBefore, memoryAfter, gaps);
    all.forEach(Stream::close);
  }

  /** Publishes at the rate for some seconds, and tells the streams' p99 from publish to receipt in milliseconds. */
  private double measure(String topic, int size, List<Stream> streams) throws Exception {
    streams.forEach(stream -> stream.latencies.clear());
    Thread publisher = publisher(topic, size, RATE * SECONDS);
    publisher.start();
    while (publisher.isAlive()) {
      read(10);
    }
    awaitAll(streams);
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

  // ---- publishing: each event is "@" + its number in ten digits + its time in nineteen

  private Thread publisher(String topic, int size, int count) {
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
              post(socket, in, "/events/" + topic, event(published, size));
              published++;
            }
          } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  /** As fast as the given streams can hear, in batches. */
  private void flood(String topic, int count, int size, List<Stream> streams) throws IOException {
    try (var socket = new Socket("127.0.0.1", port)) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      for (int done = 0; done < count; ) {
        int batch = Math.min(200, count - done);
        var lines = new StringBuilder();
        for (int i = 0; i < batch; i++) {
          lines.append("{\"topic\":\"").append(topic).append("\",\"data\":\"").append(event(published + i, size)).append("\"}\n");
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

  private static String event(long number, int size) {
    String head = "@%010d%019d".formatted(number, System.nanoTime());
    return head + "x".repeat(Math.max(0, size - head.length()));
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

  // ---- hearing

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
      int count = ((SocketChannel) key.channel()).read(buffer.clear());
      if (count < 0) {
        throw new IOException("a stream was closed");
      }
      buffer.flip().get(bytes, 0, count);
      stream.take(bytes, count, now);
    }
    selector.selectedKeys().clear();
  }

  /** One stream: finds the events in its bytes, wherever they are cut, and checks that each comes in its turn. */
  private static final class Stream {
    private final List<Long> latencies = new ArrayList<>();
    private final byte[] mark = new byte[29];
    private final StringBuilder line = new StringBuilder();
    private SelectionKey key;
    private long expected;
    private int marked = -1;
    private boolean opened;
    private int gaps;
    private String lastId = "";
    private byte previous;
    private boolean inId;

    void take(byte[] from, int count, long now) {
      opened = true;
      for (int i = 0; i < count; i++) {
        byte b = from[i];
        if (marked >= 0) {
          mark[marked++] = b;
          if (marked == mark.length) {
            heard(now);
            marked = -1;
          }
        } else if (b == '@') {
          marked = 0;
        } else if (inId) {
          if (b == '\n') {
            inId = false;
            lastId = line.toString();
          } else {
            line.append((char) b);
          }
        } else if (b == ' ' && previous == ':' && i >= 3 && from[i - 2] == 'd' && from[i - 3] == 'i') {
          inId = true;
          line.setLength(0);
        } else if (b == 'g' && previous == '.') { // event: hub.gap
          gaps++;
        }
        previous = b;
      }
    }

    private void heard(long now) {
      String text = new String(mark, StandardCharsets.US_ASCII);
      long number = Long.parseLong(text.substring(0, 10));
      if (number != expected && !(gaps == 1 && number > expected)) {
        throw new IllegalStateException("heard event " + number + " where " + expected + " was due, after " + gaps + " gaps");
      }
      expected = number + 1;
      latencies.add(now - Long.parseLong(text.substring(10)));
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
