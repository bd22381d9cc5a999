package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The jar as a user starts it: in an empty directory, by its command line. */
class JarIT {
  private final HttpClient http = HttpClient.newHttpClient();

  private String get(URI hub, String path) throws Exception {
    var request = HttpRequest.newBuilder(hub.resolve(path)).timeout(Duration.ofSeconds(20)).build();
    return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  @Test
  void theClockAndTheKeyboardAreReceived() throws Exception {
    try (var hub = JarProcess.start("--port", "0")) {
      URI url = hub.url();
      hub.type("hello there");
      hub.type("@news it rains");
      hub.endInput();
      String received = get(url, "events?topic=keyboard&topic=news&last_event_id=earliest&for=2s");
      assertTrue(received.contains("data: hello there\nid: "), received);
      assertTrue(received.contains("data: it rains\nid: "), received);
      String clock = get(url, "events/clock?for=2s");
      assertTrue(
          clock.matches(
              "(?s).*data: \\{\"message\":\"Current time is [^\"]+\",\"time\":\"[^\"]+Z\"}.*"),
          clock);
      assertTrue(clock.endsWith("event: close\ndata: {}\n\n"), clock);
      assertTrue(get(url, "").contains("<html"), "the page travels in the jar");
    }
  }

  @Test
  void sigtermStopsItCleanlyEvenIfAClientDoesNotRead() throws Exception {
    try (var hub = JarProcess.start("--port", "0", "--set", "producer.clock=10ms");
        var reads = new Socket();
        var deaf = new Socket()) {
      URI url = hub.url();
      for (Socket client : List.of(reads, deaf)) {
        client.connect(new java.net.InetSocketAddress(url.getHost(), url.getPort()));
        client
            .getOutputStream()
            .write(
                "GET /events/clock HTTP/1.1\r\nHost: localhost\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
      }
      byte[] large = "x".repeat(1 << 20).getBytes(StandardCharsets.US_ASCII);
      for (int i = 0; i < 10; i++) {
        var publish =
            HttpRequest.newBuilder(url.resolve("events/clock"))
                .POST(HttpRequest.BodyPublishers.ofByteArray(large))
                .build();
        http.send(publish, HttpResponse.BodyHandlers.discarding());
        reads.getInputStream().readNBytes(1 << 20);
      }
      long begin = System.nanoTime();
      hub.terminate();
      String end = tail(reads.getInputStream());
      assertTrue(end.endsWith("\n\n\r\n"), "a whole block, and no last chunk: " + end);
      assertTrue(Set.of(0, 143).contains(hub.exitCode()));
      assertTrue(Duration.ofNanos(System.nanoTime() - begin).toSeconds() < 5, "gone within 5 s");
    }
  }

  private static String tail(InputStream in) throws Exception {
    String all = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    return all.substring(Math.max(0, all.length() - 20));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--port 99999 | 2 | http.port=99999: must be a whole number from 0 to 65535",
        "--set http.prot=1 | 2 | http.prot=1: is not a setting",
        "--set nonsense | 2 | --set nonsense: must be KEY=VALUE",
        "--prot 1 | 2 | --prot: is not an option; see --help",
        "--port | 2 | --port: must be followed by a value",
        "--config none.yaml | 2 | --config=none.yaml: must be an existing file",
        "--set producer.timers=[{\"topic\":\"a..b\"}] | 2 | producer.timers[0].topic=a..b: must be dot-separated parts, none of them empty",
        "--cluster --set log.kind=memory | 2 | log.kind=memory: is not the log of a cluster: leave it out, or set cluster.kind=none",
        "--cluster --set log.kind=disk | 2 | log.kind=disk: is not the log of a cluster: leave it out, or set cluster.kind=none",
        "--cluster --set log.kind=redis | 2 | log.kind=redis: is not the log of a cluster: leave it out, or set cluster.kind=none",
        "--set log.kind=raft | 2 | log.kind=raft: is the log of a cluster, and there is none; see --cluster",
        "--cluster | 2 | cluster.members=[]: must list all members of the cluster, this one included, such as [node1, node2, node3]",
        "--cluster --set cluster.members=127.0.0.1:1,127.0.0.1:2 | 2 | cluster.members=127.0.0.1:1, 127.0.0.1:2: 127.0.0.1:1, 127.0.0.1:2 can all be this node; cluster.port must say which of them it is",
        "--role producer | 2 | role=producer: publishes to hubs over an event bus: set cluster.bus=hazelcast",
        "--role king | 2 | role=king: must be one of all, hub, producer, edge",
        "--cluster=yes | 2 | --cluster: takes no value; see cluster.members",
        "--set cluster.members=a/b | 2 | cluster.members=a/b: must be a list of hosts, or hosts and ports such as node1:7700",
        "--set log.kind=stone | 2 | log.kind=stone: must be one of auto, memory, disk, raft, redis",
      })
  void anInvalidArgumentOrSettingIsReportedInOneLine(String arguments, int status, String line)
      throws Exception {
    try (var hub = JarProcess.start(arguments.split(" "))) {
      assertEquals(status, hub.exitCode());
      assertEquals(List.of("tidings: " + line), hub.errors());
    }
  }

  @Test
  void aPortInUseIsReportedInOneLine() throws Exception {
    try (var first = JarProcess.start("--port", "0");
        var second = JarProcess.start("--port", "" + first.port())) {
      assertEquals(1, second.exitCode());
      assertTrue(
          second.errors().get(0).contains("http.port=" + first.port() + ": can't listen there"),
          second.toString());
    }
  }

  @Test
  void theCommandLineOverridesTheFile() throws Exception {
    Path file = Files.createTempFile("tidings", ".yaml");
    Files.writeString(file, "http:\n  port: 0\nlimits:\n  topic: 5\n  topics: 3\n");
    try (var hub = JarProcess.start("--config", file.toString(), "--set", "limits.topics=1")) {
      URI url = hub.url();
      assertTrue(get(url, "events?topic=a&topic=b").contains("at most 1 times"));
      assertTrue(get(url, "events/abcdef").contains("at most 5 bytes"));
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void anUnreadableFileIsReportedInOneLine() throws Exception {
    for (String yaml : new String[] {"http: [1\nfoo: : :\n", "- a\n- b\n", "http:\n\tport: 1\n"}) {
      Path file = Files.createTempFile("tidings", ".yaml");
      Files.writeString(file, yaml);
      try (var hub = JarProcess.start("--config", file.toString())) {
        assertEquals(2, hub.exitCode());
        assertEquals(1, hub.errors().size(), hub.toString());
        assertTrue(
            hub.errors().get(0).startsWith("tidings: --config=" + file + ": "), hub.toString());
      } finally {
        Files.delete(file);
      }
    }
  }

  @Test
  void helpAndVersionArePrinted() throws Exception {
    try (var help = JarProcess.start("--help");
        var version = JarProcess.start("--version")) {
      assertEquals(0, help.exitCode());
      assertTrue(help.output().stream().anyMatch(line -> line.contains("--config FILE")));
      assertEquals(0, version.exitCode());
      assertTrue(version.output().get(0).matches("tidings \\d+\\.\\d+\\.\\d+.*"));
    }
  }

  @Test
  void itRunsOnEveryInstalledJdk() throws Exception {
    try (Stream<Path> homes = Files.list(Path.of("/usr/lib/jvm"))) {
      for (Path java :
          homes.map(home -> home.resolve("bin/java")).filter(Files::isExecutable).toList()) {
        try (var hub = JarProcess.startOn(java, "--port", "0")) {
          assertEquals("{\"status\":\"UP\"}", get(hub.url(), "health/ready"), java.toString());
        }
      }
    }
  }
}
