import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How deliveries grow with edges: one voter with 1, 2 and 4 edges (or those that the arguments say), each with the same number of streams that
 * receive every event. CPU time is that of the processes, and the bytes to an edge are those of the kernel for the connections to its port. Needs ss
 * (Debian: iproute2). Run: make target/bench/classes, then java -cp target/bench/classes Edges. Prints Markdown.
 */
public final class Edges {
  private static final String HUB = "target/tidings.jar";
  private static final int HTTP = 18_841;
  private static final int CLUSTER = 18_851;
  private static final int STREAMS = Integer.getInteger("streams", 1_000);
  private static final int RATE = Integer.getInteger("rate", 25);
  private static final int WARM_SECONDS = Integer.getInteger("warm", 15);
  private static final int SECONDS = Integer.getInteger("seconds", 15);
  private static final String DATA = "@" + "x".repeat(199);
  private static final Pattern SENT = Pattern.compile("bytes_sent:(\\d+)");

  private final List<Process> processes = new ArrayList<>();
  private final Selector selector = Selector.open();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 18);
  private volatile boolean stopped;
  private volatile long received;

  private Edges() throws IOException {}

  public static void main(String[] arguments) throws Exception {
    System.out.println("| edges | streams | deliveries a second | CPU of an edge a delivery | CPU of the leader an event | bytes from the leader, an event and edge |\n| ---: | ---: | ---: | ---: | ---: | ---: |");
    for (String edges : arguments.length == 0 ? new String[] {"1", "2", "4"} : arguments) {
      new Edges().measure(Integer.parseInt(edges));
    }
  }

  private void measure(int edges) throws Exception {
    Path directory = Files.createTempDirectory(Path.of("target"), "edges");
    try {
      for (int node = 0; node <= edges; node++) {
        start(directory, node);
        HubProcesses.awaitReady(HTTP + node);
      }
      for (int edge = 1; edge <= edges; edge++) {
        for (int i = 0; i < STREAMS; i++) {
          open(HTTP + edge);
        }
      }
      var reader = new Thread(this::read, "reader");
      reader.start();
      publish(WARM_SECONDS);
      long[] cpu = HubProcesses.cpu(processes);
      long sent = sent(edges);
      long before = received;
      publish(SECONDS);
      TimeUnit.MILLISECONDS.sleep(500);
      long[] after = HubProcesses.cpu(processes);
      sent = sent(edges) - sent;
      long deliveries = received - before;
      stopped = true;
      reader.join();
      long events = (long) RATE * SECONDS;
      if (deliveries != events * edges * STREAMS) {
        throw new IOException("received " + deliveries + " of " + events * edges * STREAMS);
      }
      long atEdges = 0;
      for (int edge = 1; edge <= edges; edge++) {
        atEdges += after[edge] - cpu[edge];
      }
      System.out.printf(
          Locale.ROOT,
          "| %d | %,d | %,d | %.1f µs | %.2f ms | %,d |%n",
          edges,
          edges * STREAMS,
          deliveries / SECONDS,
          atEdges * 1e4 / deliveries,
          (after[0] - cpu[0]) * 10.0 / events,
          sent / events / edges);
    } finally {
      for (SelectionKey key : selector.keys()) {
        key.channel().close();
      }
      HubProcesses.end(processes, directory);
    }
  }

  /** The first node is the voter. */
  private void start(Path directory, int node) throws IOException {
    var command = new ArrayList<>(List.of("java", "-Xmx300m", "-XX:+UseSerialGC", "-jar", HUB, "--cluster", "--role", node == 0 ? "hub" : "edge", "--port", "" + (HTTP + node)));
    command.addAll(HubProcesses.settings(List.of("cluster.members=127.0.0.1:" + CLUSTER, "cluster.port=" + (CLUSTER + node), "cluster.name=bench", "scenes=false", "log.dir=" + directory.resolve("node" + node))));
    processes.add(HubProcesses.start(command));
  }

  private void open(int port) throws IOException {
    SocketChannel channel = SocketChannel.open(new InetSocketAddress("127.0.0.1", port));
    channel.write(ByteBuffer.wrap("GET /events/one HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
    channel.configureBlocking(false);
    channel.register(selector, SelectionKey.OP_READ);
  }

  /** Counts the events of all streams by a character that each has once. */
  private void read() {
    try {
      while (!stopped) {
        selector.select(100);
        for (SelectionKey key : selector.selectedKeys()) {
          buffer.clear();
          if (((SocketChannel) key.channel()).read(buffer) < 0) {
            throw new IOException("a stream has ended");
          }
          buffer.flip();
          long count = 0;
          while (buffer.hasRemaining()) {
            count += buffer.get() == '@' ? 1 : 0;
          }
          received += count;
        }
        selector.selectedKeys().clear();
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void publish(int seconds) throws IOException {
    byte[] request = ("POST /events/one HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + DATA.length() + "\r\n\r\n" + DATA).getBytes(StandardCharsets.US_ASCII);
    byte[] answer = new byte[1 << 16];
    try (var socket = new Socket("127.0.0.1", HTTP)) {
      socket.setTcpNoDelay(true);
      long begin = System.nanoTime();
      for (int i = 0; i < RATE * seconds; i++) {
        long due = begin + i * (TimeUnit.SECONDS.toNanos(1) / RATE);
        while (due - System.nanoTime() > 0) {
          LockSupport.parkNanos(due - System.nanoTime());
        }
        socket.getOutputStream().write(request);
        int length = socket.getInputStream().read(answer); // a short answer, to one request at a time
        if (length < 12 || !new String(answer, 0, 12, StandardCharsets.US_ASCII).equals("HTTP/1.1 200")) {
          throw new IOException("not stored");
        }
      }
    }
  }

  /** The bytes that the voter has sent over connections to the edges' ports. */
  private long sent(int edges) throws IOException {
    String voter = "pid=" + processes.get(0).pid() + ",";
    long sum = 0;
    for (int edge = 1; edge <= edges; edge++) {
      Process ss = new ProcessBuilder("ss", "-tinpHO", "dst", "127.0.0.1:" + (CLUSTER + edge)).start();
      for (String connection : new String(ss.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).split("\n")) {
        Matcher found = SENT.matcher(connection);
        if (connection.contains(voter) && found.find()) {
          sum += Long.parseLong(found.group(1));
        }
      }
    }
    return sum;
  }
}
