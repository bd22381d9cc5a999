package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Clients that disappear together. Netty gives each of them a read buffer of 2 KB until the end of
 * its input is received: at once they would need more direct memory than there is.
 */
class DisconnectIT {
  private static final int CLIENTS = 8_000;
  private static final Duration PATIENCE = Duration.ofMinutes(3); // the machine may be busy
  private static final Pattern STREAMS = Pattern.compile("(?m)^tidings_streams (\\S+)");

  private final HttpClient http = HttpClient.newHttpClient();

  @Test
  void aHubWithLittleDirectMemoryOutlivesThousandsOfClients() throws Exception {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    try (var hub =
        JarProcess.startOn(
            java,
            List.of("-Xmx128m", "-XX:MaxDirectMemorySize=14m"),
            "--port",
            "0",
            "--set",
            "producer.keyboard=off")) {
      for (int round = 0; round < 2; round++) {
        dropClients(hub);
      }
      assertTrue(get(hub, "health/ready").contains("UP"));
      hub.terminate();
      hub.exitCode();
      var output = new ArrayList<String>(hub.output());
      output.addAll(hub.errors());
      assertEquals(
          List.of(), output.stream().filter(line -> line.contains("OutOfMemory")).toList());
    }
  }

  private void dropClients(JarProcess hub) throws Exception {
    try (var swarm = new Swarm(hub.port())) {
      var streams = new ArrayList<Swarm.Stream>();
      for (int i = 0; i < CLIENTS; i++) {
        streams.add(swarm.open("/events/gone." + i, 0));
      }
      Wait.until(
          PATIENCE, () -> "all are open", () -> streams.stream().allMatch(Swarm.Stream::isOpen));
      assertEquals(List.of(), swarm.problems());
    }
    Wait.until(PATIENCE, () -> "none is left", () -> streams(hub) == 0);
  }

  private double streams(JarProcess hub) throws Exception {
    Matcher line = STREAMS.matcher(get(hub, "metrics"));
    assertTrue(line.find());
    return Double.parseDouble(line.group(1));
  }

  private String get(JarProcess hub, String path) throws IOException, InterruptedException {
    var request = HttpRequest.newBuilder(URI.create(hub.url() + path));
    return http.send(
            request.timeout(Duration.ofSeconds(20)).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }
}
