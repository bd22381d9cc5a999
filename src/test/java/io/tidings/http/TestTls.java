package io.tidings.http;

import io.tidings.TestCertificate;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * Runs the suites of this room over TLS, with {@code -Dtidings.tls=true}: their hubs have a
 * certificate, and their clients speak TLS to them.
 */
final class TestTls {
  private static final boolean ENABLED = Boolean.getBoolean("tidings.tls");

  private TestTls() {}

  /** Made on first use. */
  private static final class Shared {
    static final TestCertificate CERTIFICATE = create();
    static final SSLContext TRUSTING = trusting();

    private static SSLContext trusting() {
      try {
        return TestCertificate.trusting(CERTIFICATE);
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }

    private static TestCertificate create() {
      try {
        Path directory = Files.createTempDirectory("tidings-tls");
        TestCertificate created = TestCertificate.create(directory, "localhost");
        for (Path file : new Path[] {created.cert(), created.key(), directory}) {
          file.toFile().deleteOnExit();
        }
        return created;
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
  }

  /** Adds the settings of TLS, if it is enabled and the test has not set its own. */
  static void addTo(Map<String, Object> settings) {
    if (ENABLED) {
      settings.putIfAbsent("http.tls.cert", Shared.CERTIFICATE.cert().toString());
      settings.putIfAbsent("http.tls.key", Shared.CERTIFICATE.key().toString());
    }
  }

  /** A connected socket that speaks TLS, if it is enabled. */
  static Socket over(Socket connected) throws IOException {
    return ENABLED ? over(connected, Shared.TRUSTING) : connected;
  }

  /** A connected socket that has done its handshake. */
  static SSLSocket over(Socket connected, SSLContext context) throws IOException {
    var socket =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(connected, "localhost", connected.getPort(), true);
    socket.startHandshake();
    return socket;
  }
}
