package io.tidings.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * {@code java -jar tidings.jar health}: asks the hub on this machine whether it is alive, for
 * health checks of containers. It is run every few seconds beside a hub, so it reads no
 * configuration and uses nothing but sockets.
 */
public final class HealthCommand {
  public static final String HELP =
      """
      java -jar tidings.jar health [options]

      Asks the hub on this machine for /health/live: exit status 0 if it is alive, else 1 with the reason.

        --ready            ask for /health/ready instead: 1 also while it starts, stops, or has no log
        --port PORT        its port; default TIDINGS_HTTP_PORT, or 8080
        --host HOST        its address; default TIDINGS_HTTP_HOST, or 127.0.0.1

      Plain and TLS are both tried, with any certificate. A hub that wants a certificate of its clients can't be asked.
      """;

  private static final int FAILED = 1;
  private static final int TIMEOUT_MILLIS = (int) Duration.ofSeconds(3).toMillis();
  private static final int MAX_BYTES = 8 * 1024;
  private static final String OK = "HTTP/1.1 200 ";

  private HealthCommand() {}

  /**
   * @return the exit status of the process
   */
  public static int run(HealthOptions options, PrintStream out) {
    if (options.help()) {
      out.print(HELP);
      return 0;
    }
    String answer;
    try {
      answer = ask(options);
    } catch (IOException | GeneralSecurityException e) {
      out.println("no hub answers at " + options.host() + ":" + options.port() + ": " + e);
      return FAILED;
    }
    String body = answer.substring(answer.indexOf("\r\n\r\n") + 1).strip();
    out.println(body.isEmpty() ? answer.lines().findFirst().orElse("") : body);
    return answer.startsWith(OK) ? 0 : FAILED;
  }

  /** A hub with TLS answers nothing that is HTTP to a plain request. */
  private static String ask(HealthOptions options) throws IOException, GeneralSecurityException {
    try (var plain = new Socket()) {
      String answer = ask(plain, options);
      if (answer.startsWith("HTTP/")) {
        return answer;
      }
    }
    try (var tls = trusting().getSocketFactory().createSocket()) {
      return ask(tls, options);
    }
  }

  private static String ask(Socket socket, HealthOptions options) throws IOException {
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.connect(new InetSocketAddress(options.host(), options.port()), TIMEOUT_MILLIS);
    String request =
        "GET " + options.path() + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    InputStream in = socket.getInputStream();
    return new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8);
  }

  /** TLS to this machine, where nothing secret is sent: any certificate will do. */
  private static SSLContext trusting() throws GeneralSecurityException {
    var context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new AnyCertificate()}, null);
    return context;
  }

  private static final class AnyCertificate implements X509TrustManager {
    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
