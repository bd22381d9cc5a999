package io.tidings;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Debian's nginx, with {@code conf/nginx.conf} as it is, but for addresses and paths. Belongs to
 * one test, which closes it.
 */
final class Nginx implements AutoCloseable {
  private final Process process;
  private final Path directory;
  private final int port;
  private final boolean tls;

  private Nginx(Process process, Path directory, int port, boolean tls) {
    this.process = process;
    this.directory = directory;
    this.port = port;
    this.tls = tls;
  }

  /** Starts it in front of hubs at these ports, with TLS and HTTP/2. */
  static Nginx start(Path directory, List<Integer> hubs) throws Exception {
    return start(directory, hubs, UnaryOperator.identity());
  }

  /** The same, with a changed configuration. */
  static Nginx start(Path directory, List<Integer> hubs, UnaryOperator<String> change)
      throws Exception {
    return start(directory, hubs, true, change);
  }

  /** The same, without TLS. */
  static Nginx plain(Path directory, List<Integer> hubs) throws Exception {
    return start(directory, hubs, false, UnaryOperator.identity());
  }

  /** A configuration that ignores X-Accel-Buffering, so that streams are buffered. */
  static String ignoringAccelBuffering(String configuration) {
    return replace(
        configuration,
        "proxy_http_version 1.1;",
        "proxy_ignore_headers X-Accel-Buffering; proxy_http_version 1.0;");
  }

  private static Nginx start(
      Path directory, List<Integer> hubs, boolean tls, UnaryOperator<String> change)
      throws Exception {
    certificate(directory);
    int port = Nodes.freePort();
    String file = change.apply(written(directory, hubs, port, tls));
    Files.writeString(directory.resolve("nginx.conf"), file);
    var command = List.of("/usr/sbin/nginx", "-p", directory.toString(), "-c", "nginx.conf");
    var nginx = new Nginx(run(directory, command), directory, port, tls);
    Wait.until("nginx listens: " + nginx.log(), nginx::listens);
    return nginx;
  }

  private static String written(Path directory, List<Integer> hubs, int port, boolean tls)
      throws IOException {
    String servers =
        hubs.stream()
            .map(hub -> "server 127.0.0.1:" + hub + " max_fails=1 fail_timeout=1s;")
            .collect(Collectors.joining("\n"));
    String listen = "listen 127.0.0.1:" + port + (tls ? " ssl http2;" : ";");
    String temporary =
        Stream.of("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
            .map(kind -> kind + "_temp_path " + directory.resolve(kind) + ";\n")
            .collect(Collectors.joining());
    String manual = Files.readString(Path.of("conf/nginx.conf"));
    return replace(
        manual,
        "user www-data;",
        "user " + System.getProperty("user.name") + "; daemon off;",
        "worker_processes auto;",
        "worker_processes 1;",
        "/run/nginx.pid",
        directory + "/nginx.pid",
        "/var/log/nginx/",
        directory + "/",
        "/etc/ssl/certs/tidings.pem",
        directory + "/tidings.pem",
        "/etc/ssl/private/tidings.key",
        directory + "/tidings.key",
        "http {\n",
        "http {\n" + temporary,
        "server 127.0.0.1:8080 max_fails=1 fail_timeout=1s;",
        servers,
        "listen 80;",
        "listen 127.0.0.1:" + Nodes.freePort() + ";",
        "    listen 443 ssl http2;",
        listen);
  }

  /** Replaces texts, each of which must be in the file, so that the test follows its changes. */
  private static String replace(String text, String... pairs) {
    String changed = text;
    for (int i = 0; i < pairs.length; i += 2) {
      if (!changed.contains(pairs[i])) {
        throw new AssertionError("conf/nginx.conf has no " + pairs[i]);
      }
      changed = changed.replace(pairs[i], pairs[i + 1]);
    }
    return changed;
  }

  private static void certificate(Path directory) throws Exception {
    var command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
            + " -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout tidings.key -out tidings.pem";
    if (run(directory, List.of(command.split(" "))).waitFor() != 0) {
      throw new AssertionError(Files.readString(directory.resolve("output")));
    }
  }

  private static Process run(Path directory, List<String> command) throws IOException {
    return new ProcessBuilder(command)
        .directory(directory.toFile())
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(directory.resolve("output").toFile()))
        .start();
  }

  private boolean listens() {
    if (!process.isAlive()) {
      throw new AssertionError("nginx ended: " + log());
    }
    try (var socket = new Socket("127.0.0.1", port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  /** The lines of its error log. */
  String log() {
    try {
      return Files.readString(directory.resolve("output"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  int port() {
    return port;
  }

  /** Ends with a slash. */
  URI url() {
    return URI.create((tls ? "https" : "http") + "://localhost:" + port + "/");
  }

  /** A client that trusts its certificate. */
  HttpClient client(HttpClient.Version version) throws IOException, GeneralSecurityException {
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    try (InputStream pem = Files.newInputStream(directory.resolve("tidings.pem"))) {
      var certificate = CertificateFactory.getInstance("X.509").generateCertificate(pem);
      trusted.setCertificateEntry("nginx", certificate);
    }
    var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(trusted);
    var context = SSLContext.getInstance("TLS");
    context.init(null, managers.getTrustManagers(), null);
    return HttpClient.newBuilder().version(version).sslContext(context).build();
  }

  @Override
  public void close() throws Exception {
    process.destroy();
    process.onExit().get(10, TimeUnit.SECONDS);
  }
}
