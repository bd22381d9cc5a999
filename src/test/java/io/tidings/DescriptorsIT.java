package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The hub at the limit of file descriptors. */
class DescriptorsIT {
  private static final int DESCRIPTORS = 300;
  private static final int CLIENTS = 500;

  @TempDir Path directory;

  /** A script that starts Java with a limit of file descriptors. */
  private Path java() throws IOException {
    Path script = directory.resolve("java");
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    Files.writeString(
        script, "#!/bin/sh\nulimit -n " + DESCRIPTORS + "\nexec " + java + " \"$@\"\n");
    return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"io_uring", "epoll", "nio"})
  void atTheLimitItStopsAcceptingLogsThatOnceAndRecovers(String transport) throws Exception {
    try (var hub =
        JarProcess.startOn(
            java(),
            "--port",
            "0",
            "--set",
            "http.transport=" + transport,
            "--set",
            "http.connections=100000",
            "--set",
            "producer.keyboard=off")) {
      assertEquals(200, status(hub.url()));
      List<String> errors =
          errorsOfExhaustion(hub, "accepting connections failed and will be retried");
      assertTrue(errors.size() <= 10, () -> errors.size() + " lines: " + errors);
    }
  }

  @Test
  void byDefaultConnectionsAreLimitedBeforeDescriptorsRunOut() throws Exception {
    try (var hub = JarProcess.startOn(java(), "--port", "0", "--set", "producer.keyboard=off")) {
      List<String> errors = errorsOfExhaustion(hub, "further ones are closed (http.connections)");
      assertEquals(1, errors.size(), errors::toString);
    }
  }

  /** Opens more connections than it can have until it logs the line; returns all that it logged. */
  private static List<String> errorsOfExhaustion(JarProcess hub, String line) throws Exception {
    URI url = hub.url();
    List<Socket> clients = connect(url.getPort());
    try {
      hub.awaitError(line);
    } finally {
      for (Socket client : clients) {
        client.close();
      }
    }
    Wait.until("it answers again", () -> answers(url));
    hub.terminate();
    hub.exitCode();
    return hub.errors();
  }

  private static List<Socket> connect(int port) throws IOException {
    var clients = new ArrayList<Socket>();
    for (int i = 0; i < CLIENTS; i++) {
      clients.add(new Socket("127.0.0.1", port));
    }
    return clients;
  }

  private static boolean answers(URI url) {
    try {
      return status(url) == 200;
    } catch (IOException | InterruptedException e) {
      return false;
    }
  }

  private static int status(URI url) throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(url.resolve("health/live")).timeout(Duration.ofSeconds(5)).build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).statusCode();
  }
}
