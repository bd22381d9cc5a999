package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.tidings.settings.InvalidSetting;
import io.tidings.settings.Settings;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The plain port beside the one with TLS. */
class RedirectVerticleTest {
  private static Vertx vertx;
  private static RedirectVerticle redirect;

  @BeforeAll
  static void start() throws Exception {
    vertx = Vertx.vertx();
    redirect = deploy(8_443, "0");
  }

  private static RedirectVerticle deploy(int securePort, String to) throws Exception {
    var settings =
        Settings.of(
            Map.of(
                "http.tls.cert", "not read",
                "http.tls.key", "not read",
                "http.hosts", "news.example",
                "http.redirect", "0",
                "http.redirect.to", to));
    var verticle = new RedirectVerticle(settings, securePort);
    RunningHub.get(vertx.deployVerticle(verticle));
    return verticle;
  }

  @AfterAll
  static void stop() throws Exception {
    RunningHub.get(vertx.close());
  }

  /** The lines of the head of the answer. */
  private static List<String> answer(int port, String request) throws IOException {
    try (var socket = new Socket()) {
      socket.setSoTimeout(20_000);
      socket.connect(new InetSocketAddress("127.0.0.1", port));
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      byte[] all = socket.getInputStream().readAllBytes(); // the connection is closed afterwards
      List<String> head = new String(all, StandardCharsets.ISO_8859_1).lines().toList();
      assertTrue(
          head.isEmpty() // refused before the request was read
              || head.stream().anyMatch("connection: close"::equalsIgnoreCase), // not when idle
          head::toString);
      return head;
    }
  }

  private static int status(List<String> head) {
    return Integer.parseInt(head.get(0).split(" ")[1]);
  }

  private static String location(List<String> head) {
    return head.stream()
        .filter(line -> line.toLowerCase().startsWith("location: "))
        .map(line -> line.substring(10))
        .findFirst()
        .orElse(null);
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /, news.example, https://news.example:8443/",
    "GET, /events/a?since=10m, news.example:80, https://news.example:8443/events/a?since=10m",
    "HEAD, /, localhost, https://localhost:8443/",
    "GET, /, 127.0.0.1:1234, https://127.0.0.1:8443/",
    "GET, //evil.example/x, news.example, https://news.example:8443//evil.example/x",
    "GET, http://news.example/x, news.example, https://news.example:8443/x",
    "GET, http://news.example, news.example, https://news.example:8443/",
  })
  void aPageOfAnOwnHostIsRedirectedToTheSameTarget(
      String method, String target, String host, String expected) throws Exception {
    var head =
        answer(redirect.port(), method + " " + target + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    assertEquals(308, status(head), head::toString);
    assertEquals(expected, location(head));
  }

  @Test
  void theDefaultPortIsLeftOutAndAPublishedPortReplacesTheOwn() throws Exception {
    String request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    assertEquals("https://localhost/", location(answer(deploy(443, "0").port(), request)));
    assertEquals("https://localhost/", location(answer(deploy(8_443, "443").port(), request)));
  }

  @ParameterizedTest
  @CsvSource({
    "evil.example, 421",
    "news.example.evil.example, 421",
    "8.8.8.8, 421",
    "8.8.8.8., 421",
    "[2001:db8::1], 421",
    "news.example@evil.example, 400",
    "evil.example/x, 400",
  })
  void noOtherHostIsRedirectedTo(String host, int status) throws Exception {
    var head = answer(redirect.port(), "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    assertEquals(status, status(head), head::toString);
    assertNull(location(head));
  }

  @Test
  void aTargetThatNoHeaderMayContainIsRefused() throws Exception {
    var head = answer(redirect.port(), "GET /a\u00ff\u0001b HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assertEquals(400, status(head), head::toString);
    assertNull(location(head));
  }

  @Test
  void aForwardedHostIsNotRedirectedTo() throws Exception {
    var head =
        answer(
            redirect.port(),
            "GET / HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Host: evil.example\r\n\r\n");
    assertEquals("https://localhost:8443/", location(head));
  }

  @ParameterizedTest
  @CsvSource({
    "POST, Content-Length: 0",
    "DELETE, Accept: */*",
    "GET, Authorization: Bearer x",
    "GET /events/a?ticket=x, Accept: */*",
    "GET /events?topic=a&ticket=x, Accept: */*",
  })
  void whatShouldNotHaveBeenSentInPlainIsNotRedirected(String line, String header)
      throws Exception {
    var head =
        answer(
            redirect.port(),
            line
                + (line.contains("/") ? "" : " /")
                + " HTTP/1.1\r\nHost: localhost\r\n"
                + header
                + "\r\nConnection: close\r\n\r\n");
    assertEquals(403, status(head), head::toString);
    assertNull(location(head));
  }

  @Test
  void anUploadThatIsRefusedIsAnsweredToo() throws Exception {
    String request =
        "POST /events/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000000\r\n\r\n"
            + "x".repeat(2_000_000);
    assertEquals(403, status(answer(redirect.port(), request)));
  }

  @Test
  void aPortThatIsTakenIsNamedByItsSetting() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      var settings =
          Settings.of(
              Map.of(
                  "http.tls.cert", "not read",
                  "http.tls.key", "not read",
                  "http.redirect", taken.getLocalPort()));
      var failure =
          assertThrows(
              ExecutionException.class,
              () -> RunningHub.get(vertx.deployVerticle(new RedirectVerticle(settings, 443))));
      assertInstanceOf(InvalidSetting.class, failure.getCause());
      assertTrue(failure.getMessage().contains("http.redirect=" + taken.getLocalPort()));
    }
  }

  @Test
  void connectionsAreLimitedAndOneThatEndsMakesRoom() throws Exception {
    var idle = new ArrayList<Socket>();
    for (int i = 0; i < 100; i++) {
      idle.add(new Socket("127.0.0.1", redirect.port()));
    }
    idle.get(99).setSoTimeout(20_000);
    assertEquals(-1, idle.get(99).getInputStream().read());
    for (Socket socket : idle) {
      socket.close();
    }
    Wait.until(
        "requests are answered again",
        () -> {
          try {
            return status(answer(redirect.port(), "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"))
                == 308;
          } catch (IOException | IndexOutOfBoundsException e) {
            return false;
          }
        });
  }
}
