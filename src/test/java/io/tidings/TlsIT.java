package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.chrome.ChromeDriver;

/** The jar with TLS, and clients that others have written: curl and Chromium. */
class TlsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path directory;
  private TestCertificate certificate;
  private final List<Curl> curls = new ArrayList<>();

  @BeforeEach
  void create() throws Exception {
    certificate = TestCertificate.create(directory, "one");
  }

  @AfterEach
  void stop() {
    curls.forEach(Curl::stop);
  }

  private JarProcess start(int port, String... more) throws IOException {
    var arguments =
        new ArrayList<>(
            List.of(
                "--port",
                Integer.toString(port),
                "--set",
                "http.tls.cert=" + certificate.cert(),
                "--set",
                "http.tls.key=" + certificate.key(),
                "--set",
                "log.dir=" + directory.resolve("log"),
                "--set",
                "producer.clock=off"));
    arguments.addAll(List.of(more));
    return JarProcess.start(arguments.toArray(String[]::new));
  }

  /** A curl that trusts the certificate, and its output. */
  private final class Curl {
    final Process process;
    final List<String> lines = new CopyOnWriteArrayList<>();

    Curl(Path trusted, String... arguments) throws IOException {
      var command = new ArrayList<>(List.of("curl", "-sSN", "--cacert", trusted.toString()));
      command.addAll(List.of(arguments));
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
      var reader = new Thread(this::read, "curl");
      reader.setDaemon(true);
      reader.start();
      curls.add(this);
    }

    private void read() {
      try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
        output.lines().forEach(lines::add);
      } catch (IOException e) {
        lines.add(e.toString());
      }
    }

    void await(String line) {
      Wait.until(PATIENCE, () -> line + " in " + lines, () -> lines.contains(line));
    }

    int exitCode() throws InterruptedException {
      assertTrue(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS), lines::toString);
      return process.exitValue();
    }

    void stop() {
      process.destroyForcibly();
    }
  }

  private void publish(JarProcess hub, Path trusted, String data) throws Exception {
    var curl = new Curl(trusted, "--data", data, hub.url() + "events/a");
    assertEquals(0, curl.exitCode(), curl.lines::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--http1.0", "--http1.1", "--http2", "--no-alpn", "--tls-max=1.2"})
  void curlReceivesEventsAndIsToldOfTheDrain(String option) throws Exception {
    try (JarProcess hub = start(0)) {
      assertEquals("https", hub.url().getScheme());
      var stream =
          new Curl(certificate.cert(), option.split("=")[0], value(option), hub.url() + "events/a");
      stream.await("event: hub.open");
      String large = "x".repeat(100_000);
      for (String data : List.of("first", large, "last")) {
        publish(hub, certificate.cert(), data);
        stream.await("data: " + data);
      }
      hub.terminate();
      stream.await("event: hub.drain");
      stream.exitCode();
      assertTrue(List.of(0, 143).contains(hub.exitCode()));
    }
  }

  private static String value(String option) {
    return option.contains("=") ? option.split("=")[1] : "--silent";
  }

  @Test
  void aSwapOfCertificatesIsSeenByNewConnectionsAndNotByStreams() throws Exception {
    var next = TestCertificate.create(directory, "two");
    try (JarProcess hub = start(0, "--set", "http.tls.reload=100ms")) {
      var streams = new ArrayList<Curl>();
      for (String version : List.of("--http1.1", "--http2")) {
        var stream = new Curl(certificate.cert(), version, hub.url() + "events/a");
        stream.await("event: hub.open");
        streams.add(stream);
      }
      Path old = Files.copy(certificate.cert(), directory.resolve("old.pem"));
      Files.copy(next.cert(), certificate.cert(), StandardCopyOption.REPLACE_EXISTING);
      hub.awaitError(
          "must be the key of the certificate"); // reported: the key is still the old one
      publish(hub, old, "while the pair is bad");
      Files.copy(next.key(), certificate.key(), StandardCopyOption.REPLACE_EXISTING);
      hub.awaitError("new certificates are in use: CN=two");
      publish(hub, next.cert(), "with the new one");
      var refused = new Curl(old, hub.url().toString());
      assertFalse(refused.exitCode() == 0, "the old certificate is no more used");
      for (Curl stream : streams) {
        stream.await("data: while the pair is bad");
        stream.await("data: with the new one");
      }
    }
  }

  @Test
  void aClientCannotMakeTheHubRepeatItsHandshake() throws Exception {
    try (JarProcess hub = start(0);
        var socket =
            (SSLSocket)
                TestCertificate.trusting(certificate)
                    .getSocketFactory()
                    .createSocket("127.0.0.1", hub.url().getPort())) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket.setEnabledProtocols(new String[] {"TLSv1.2"});
      socket.startHandshake();
      socket.startHandshake(); // sends the request for another one
      assertThrows(IOException.class, () -> socket.getInputStream().read());
    }
  }

  @Test
  void aBadPairEndsTheStartWithOneLineThatNamesTheSetting() throws Exception {
    Files.writeString(certificate.key(), "not a key");
    try (JarProcess hub = start(0)) {
      assertEquals(2, hub.exitCode());
      assertEquals(
          List.of(
              "tidings: http.tls.key="
                  + certificate.key()
                  + ": must be a PEM file with the certificate's private key, RSA or EC, without a"
                  + " passphrase"),
          hub.errors());
    }
  }

  @Test
  void plainRequestsAreRedirected() throws Exception {
    int plain = Nodes.freePort();
    try (JarProcess hub = start(0, "--set", "http.redirect=" + plain)) {
      hub.awaitLine(Pattern.compile("Redirecting from http, port " + plain + ", to https"));
      var curl =
          new Curl(certificate.cert(), "--location", "http://localhost:" + plain + "/health/live");
      assertEquals(0, curl.exitCode(), curl.lines::toString);
      int port = hub.url().getPort();
      assertTrue(port > 0);
      var head = new Curl(certificate.cert(), "-I", "http://localhost:" + plain + "/a?b");
      head.await("location: https://localhost:" + port + "/a?b");
    }
  }

  /** Over HTTP/2, which a browser uses where it can. */
  @Test
  void aBrowserGoesOnAfterARestartAndMissesNothing(@TempDir Path profile) throws Exception {
    ChromeDriver browser = Chromium.start(profile);
    try (JarProcess first = start(0)) {
      browser.get(first.url() + "health/live");
      browser.executeScript(
          """
          window.received = [];
          window.stream = new EventSource("/events/a");
          window.stream.onmessage = (event) => received.push(event.data);
          """);
      awaitScript(browser, "return stream.readyState === 1");
      publish(first, certificate.cert(), "1");
      awaitScript(browser, "return received.join() === '1'");
      assertEquals(
          "h2",
          browser.executeScript(
              "return performance.getEntriesByType('navigation')[0].nextHopProtocol"));
      first.kill();
      try (JarProcess elsewhere = start(0)) {
        publish(elsewhere, certificate.cert(), "2");
      }
      try (JarProcess second = start(first.url().getPort())) {
        awaitScript(browser, "return received.join() === '1,2'");
        publish(second, certificate.cert(), "3");
        awaitScript(browser, "return received.join() === '1,2,3'");
      }
    } finally {
      browser.quit();
    }
  }

  private static void awaitScript(ChromeDriver browser, String condition) {
    Wait.until(
        PATIENCE,
        () -> condition + "; received " + browser.executeScript("return window.received"),
        () -> Boolean.TRUE.equals(browser.executeScript(condition)));
  }
}
