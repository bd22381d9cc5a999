import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Starts the servers that are measured, one at a time, each with its log at target/bench/NAME.log. Nchan is measured where it is installed, the other peers where an environment variable names what to run.
 */
final class Servers {
  static final String HUB = "Tidings";
  static final String FLOOR = "floor";
  static final String NCHAN = "Nchan";
  static final String CENTRIFUGO = "Centrifugo";
  static final String MERCURE = "Mercure";
  static final String BETTER_SSE = "better-sse";

  static final Path WORK = Path.of("target/bench");

  private static final int HUB_PORT = 18_931;
  private static final int NCHAN_PORT = 8_090; // as nchan.conf has it
  private static final int FLOOR_PORT = 18_932;
  private static final int PEER_PORT = 18_934; // as the configurations in src/bench/peers have it

  /** Starts a server. */
  interface Starter {
    Server start() throws IOException, InterruptedException;
  }

  private Servers() {}

  /** A server's name for readers. */
  static String title(String name) {
    return name.equals(FLOOR) ? "C loop of send()" : name;
  }

  /** The hub as {@code java -jar} starts it. */
  static Server hub(String... settings) throws IOException, InterruptedException {
    return hub(List.of(HubProcesses.jdk("java"), "-jar", Path.of("target/tidings.jar").toAbsolutePath().toString()), settings);
  }

  static Server hubAsMakeRunStartsIt() throws IOException, InterruptedException {
    return hub(List.of(Path.of("target/tidings").toAbsolutePath().toString()));
  }

  private static Server hub(List<String> java, String... settings) throws IOException, InterruptedException {
    deleteLog(WORK.resolve("in-" + HUB + "/data"));
    var command = new ArrayList<>(java);
    command.addAll(List.of("--port", "" + HUB_PORT));
    command.addAll(HubProcesses.settings(List.of(settings)));
    return start(HUB, HUB_PORT, "/events/t%d", "/events/t%d", List.of(), command);
  }

  /** Each hub begins with an empty log. */
  private static void deleteLog(Path log) throws IOException {
    if (Files.exists(log)) {
      try (Stream<Path> files = Files.list(log)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
    }
  }

  /** A C loop that does nothing but send(). */
  static Server floor() throws IOException, InterruptedException {
    return start(FLOOR, FLOOR_PORT, "/%d", "/%d", List.of(), List.of(WORK.resolve("floor").toAbsolutePath().toString(), "" + FLOOR_PORT));
  }

  /** The peers that are here; the others are named as left out. */
  static List<Starter> peers() {
    var peers = new ArrayList<Starter>();
    if (Files.exists(Path.of("/usr/lib/nginx/modules/ngx_nchan_module.so"))) {
      peers.add(() -> start(NCHAN, NCHAN_PORT, "/events/%d", "/pub/%d", List.of(), List.of("nginx", "-c", source("nchan.conf"))));
    } else {
      System.out.println("left out: Nchan is not installed");
    }
    given("CENTRIFUGO").ifPresent(program -> peers.add(() -> centrifugo(program)));
    given("MERCURE").ifPresent(program -> peers.add(() -> mercure(program)));
    given("BETTER_SSE").ifPresent(modules -> peers.add(() -> betterSse(modules)));
    return peers;
  }

  private static Optional<String> given(String variable) {
    Optional<String> value = Optional.ofNullable(System.getenv(variable)).filter(text -> !text.isEmpty());
    if (value.isEmpty()) {
      System.out.println("left out, since " + variable + " is not set");
    }
    return value;
  }

  private static Server centrifugo(String program) throws IOException, InterruptedException {
    return start(
        CENTRIFUGO,
        PEER_PORT,
        "/connection/uni_sse?cf_connect=%%7B%%22subs%%22%%3A%%7B%%22t%d%%22%%3A%%7B%%7D%%7D%%7D",
        "/api/publish",
        List.of("--ctype", "application/json", "--prefix", "{\"channel\":\"t%d\",\"data\":\"", "--suffix", "\"}"),
        List.of(program, "--config", source("peers/centrifugo.json")));
  }

  /** The token is of the key in the configuration, and allows to publish everything. */
  private static Server mercure(String program) throws IOException, InterruptedException {
    String token = Files.readString(Path.of(source("peers/mercure.jwt"))).strip();
    return start(
        MERCURE,
        PEER_PORT,
        "/.well-known/mercure?topic=t%d",
        "/.well-known/mercure",
        List.of("--ctype", "application/x-www-form-urlencoded", "--prefix", "topic=t%d&data=", "--pub-header", "Authorization: Bearer " + token),
        List.of(program, "run", "--config", source("peers/Caddyfile")));
  }

  /**
   * @param modules the directory in which {@code npm install better-sse} was done
   */
  private static Server betterSse(String modules) throws IOException, InterruptedException {
    return start(BETTER_SSE, PEER_PORT, "/events/%d", "/pub/%d", List.of(), List.of("node", source("peers/better-sse.mjs"), Path.of(modules).toAbsolutePath().toString(), "" + PEER_PORT));
  }

  private static String source(String file) {
    return Path.of("src/bench", file).toAbsolutePath().toString();
  }

  private static Server start(String name, int port, String sub, String pub, List<String> options, List<String> command) throws IOException, InterruptedException {
    checkFree(port);
    Process process =
        new ProcessBuilder(command)
            .directory(Files.createDirectories(WORK.resolve("in-" + name)).toFile())
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectErrorStream(true)
            .redirectOutput(WORK.resolve(name + ".log").toFile())
            .start();
    return new Server(name, process, port, sub, pub, options).listening();
  }

  /** Another server on the port would take half of the streams. */
  private static void checkFree(int port) throws IOException {
    try (var probe = new Socket("127.0.0.1", port)) {
      throw new IllegalStateException("another process listens on port " + port);
    } catch (ConnectException free) {
      // it is free
    }
  }
}
