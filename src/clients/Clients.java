import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Real client libraries at one hub that is killed again and again: {@code java src/clients/Clients.java [SEED]}. Each is started as a
 * process, has received nothing yet when the hub is killed for the first time, and must receive all that is published, meanwhile too, once
 * and in order, without being given an empty message or one of the hub's own.
 *
 * <p>What is published while the clients are away is published to the same log on another port.
 */
public final class Clients {
  private static final Path BUILT = Path.of("target", "clients");
  private static final Path SOURCES = Path.of("src", "clients");
  private static final int KILLS = 4;
  private static final long PATIENCE_SECONDS = 75; // some wait half a minute before they try again
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final Random random;
  private final Path data;
  private final int port = freePort();
  private final int otherPort = freePort();
  private final List<String> published = new ArrayList<>();

  private Clients(long seed, Path data) {
    this.random = new Random(seed);
    this.data = data;
  }

  public static void main(String[] arguments) throws Exception {
    long seed = arguments.length > 0 ? Long.parseLong(arguments[0]) : System.nanoTime();
    System.out.println("seed " + seed);
    Path data = Files.createTempDirectory("tidings-clients");
    boolean good = new Clients(seed, data).run();
    System.exit(good ? 0 : 1);
  }

  /** The commands of the libraries whose programs were built. */
  private static Map<String, List<String>> commands() {
    var commands = new LinkedHashMap<String, List<String>>();
    for (String library :
        List.of("eventsource", "eventsource-client", "eventsource-parser", "event-source-polyfill", "launchdarkly-eventsource", "fetch-event-source")) {
      commands.put("npm " + library, List.of("node", BUILT + "/node/clients.mjs", library));
    }
    for (String library : List.of("launchdarkly-eventsource", "sseclient-py", "httpx-sse")) {
      commands.put("PyPI " + library, List.of(BUILT + "/python/bin/python", SOURCES + "/python/clients.py", library));
    }
    for (String library : List.of("okhttp-eventsource", "okhttp-sse", "jersey")) {
      commands.put("Maven " + library, List.of("java", "-cp", BUILT + "/java/*", SOURCES + "/java/JavaClients.java", library));
    }
    for (String library : List.of("r3labs", "tmaxmax", "launchdarkly-go")) {
      commands.put("Go " + library, List.of(BUILT + "/go/clients", library));
    }
    for (String library : List.of("reqwest-eventsource", "eventsource-client-rs")) {
      commands.put("Rust " + library, List.of(BUILT + "/rust/release/clients", library));
    }
    commands.entrySet().removeIf(command -> !built(command.getKey(), command.getValue()));
    return commands;
  }

  private static boolean built(String name, List<String> command) {
    Path built = BUILT.resolve(Path.of(name.split(" ")[0].replace("npm", "node").replace("PyPI", "python").replace("Maven", "java").toLowerCase()));
    if (!Files.isDirectory(built)) {
      System.out.println("left out: " + name + " (its tools are not installed)");
    }
    return Files.isDirectory(built);
  }

  private boolean run() throws Exception {
    String url = "http://127.0.0.1:" + port + "/events/news";
    Process hub = hub(port);
    var clients = new ArrayList<Client>();
    try {
      for (var command : commands().entrySet()) {
        clients.add(new Client(command.getKey(), command.getValue(), url));
      }
      await("all are connected", () -> streams() == clients.size() || !clients.stream().allMatch(Client::runs));
      for (int kill = 0; kill < KILLS; kill++) {
        hub.destroyForcibly().waitFor();
        hub = comeBack(1 + random.nextInt(5));
        awaitAll(clients);
        idle(clients);
        for (int events = random.nextInt(3); events > 0; events--) {
          publish(port);
        }
      }
      hub.destroy(); // SIGTERM: streams are drained
      hub.waitFor();
      hub = comeBack(2);
      awaitAll(clients);
      clients.forEach(client -> System.out.println(client.verdict(published)));
      return !clients.isEmpty() && clients.stream().allMatch(client -> client.faults(published).isEmpty());
    } finally {
      clients.forEach(Client::close);
      hub.destroyForcibly().waitFor();
    }
  }

  /** Publishes so many events while no client can connect, and starts the hub where they expect it. */
  private Process comeBack(int events) throws Exception {
    Process elsewhere = hub(otherPort);
    for (int i = 0; i < events; i++) {
      publish(otherPort);
    }
    elsewhere.destroyForcibly().waitFor();
    return hub(port);
  }

  /** Waits for heartbeats: comment lines, and beats with a new position. */
  private void idle(List<Client> clients) throws Exception {
    await("all are connected", () -> streams() == clients.stream().filter(Client::runs).count());
    TimeUnit.MILLISECONDS.sleep(700);
    post(port, "other", "moves the position");
    TimeUnit.MILLISECONDS.sleep(700);
  }

  private void awaitAll(List<Client> clients) throws InterruptedException {
    try {
      await("all have received all", () -> clients.stream().allMatch(client -> !client.runs() || client.received().size() >= published.size()));
    } catch (IllegalStateException e) {
      clients.stream()
          .filter(client -> client.received().size() < published.size())
          .forEach(client -> System.out.println(client.name + ": " + e.getMessage()));
    }
  }

  private void publish(int at) throws Exception {
    String event = "event " + published.size();
    post(at, "news", event);
    published.add(event);
  }

  private static void post(int at, String topic, String data) throws Exception {
    var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + at + "/events/" + topic)).POST(BodyPublishers.ofString(data)).build();
    if (HTTP.send(request, BodyHandlers.discarding()).statusCode() != 200) {
      throw new IOException(data + " was not published");
    }
  }

  private Process hub(int at) throws Exception {
    var command = new ArrayList<>(List.of("java", "-XX:+UseSerialGC", "-jar", "target/tidings.jar", "--port", "" + at));
    for (String setting :
        List.of("log.dir=" + data, "stream.heartbeat=300ms", "stream.retry=300ms", "stream.drain=0", "producer.clock=off", "producer.keyboard=off", "scenes=off", "stats=off")) {
      command.addAll(List.of("--set", setting));
    }
    Process hub = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    await("the hub is ready", () -> get(at, "/health/ready").startsWith("200"));
    return hub;
  }

  private int streams() {
    return get(port, "/metrics").lines().filter(line -> line.startsWith("tidings_streams ")).map(line -> line.split(" ")[1]).mapToInt(number -> (int) Double.parseDouble(number)).sum();
  }

  private static String get(int at, String path) {
    try {
      var answer = HTTP.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + at + path)).build(), BodyHandlers.ofString());
      return answer.statusCode() + "\n" + answer.body();
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException("waited in vain until " + what);
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private static int freePort() {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A library's process, and what it was given. */
  private static final class Client {
    private final String name;
    private final Process process;
    private final List<String[]> given = new ArrayList<>();

    Client(String name, List<String> command, String url) throws IOException {
      var all = new ArrayList<>(command);
      all.add(url);
      this.name = name;
      Path log = Files.createDirectories(BUILT).resolve(name.replace(' ', '-') + ".log");
      this.process = new ProcessBuilder(all).redirectError(log.toFile()).start();
      var reader = new Thread(this::read, name);
      reader.setDaemon(true);
      reader.start();
    }

    private void read() {
      try (var lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          synchronized (this) {
            given.add(Arrays.copyOf(line.split("\t", 3), 3));
          }
        }
      } catch (IOException e) {
        // it was ended
      }
    }

    /** The data of what was not the hub's own. */
    synchronized List<String> received() {
      return given.stream().filter(event -> !event[0].startsWith("hub.")).map(event -> event[2]).toList();
    }

    private synchronized long count(String type) {
      return given.stream().filter(event -> event[0].equals(type)).count();
    }

    boolean runs() {
      return process.isAlive();
    }

    List<String> faults(List<String> published) {
      var faults = new ArrayList<String>();
      if (!runs()) {
        faults.add("has ended: see target/clients");
      }
      if (!received().equals(published)) {
        faults.add("received " + received() + " of " + published);
      }
      if (count("hub.gap") > 0) {
        faults.add("received a gap");
      }
      return faults;
    }

    String verdict(List<String> published) {
      List<String> faults = faults(published);
      String own = "%d hub.open, %d hub.beat, %d hub.drain".formatted(count("hub.open"), count("hub.beat"), count("hub.drain"));
      return "%-32s %s (%s)".formatted(name, faults.isEmpty() ? "all " + published.size() + " events once, in order" : faults, own);
    }

    void close() {
      process.destroyForcibly();
    }
  }
}
