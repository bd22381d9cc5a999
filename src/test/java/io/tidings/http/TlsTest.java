package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.TestCertificate;
import io.tidings.Wait;
import io.tidings.settings.Settings;
import io.tidings.tls.Certificates;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A hub that speaks TLS itself. All suites of this room run over TLS by {@link TestTls}. */
class TlsTest {
  private static final int PATIENCE_SECONDS = 20;
  private static final String HOST = " HTTP/1.1\r\nHost: localhost\r\n";

  private static TestCertificate one;
  private static TestCertificate two;
  private static SSLContext trusting;

  @TempDir private Path directory;

  @BeforeAll
  static void create(@TempDir Path certificates) throws Exception {
    one = TestCertificate.create(certificates, "one");
    two = TestCertificate.create(certificates, "two");
    trusting = TestCertificate.trusting(one, two);
  }

  private static RunningHub hub(String... more) throws Exception {
    return hub(one.cert(), one.key(), more);
  }

  private static RunningHub hub(Path cert, Path key, String... more) throws Exception {
    var settings = new ArrayList<String>();
    settings.addAll(List.of("http.tls.cert", cert.toString(), "http.tls.key", key.toString()));
    settings.addAll(List.of(more));
    return RunningHub.start(settings.toArray(String[]::new));
  }

  private static HttpClient client(Version version) {
    return HttpClient.newBuilder().version(version).sslContext(trusting).build();
  }

  private static HttpRequest.Builder request(RunningHub hub, String target) {
    return HttpRequest.newBuilder(URI.create("https://localhost:" + hub.port() + target));
  }

  private static void publish(RunningHub hub, String data) throws Exception {
    HttpResponse<String> answer =
        client(Version.HTTP_1_1)
            .send(
                request(hub, "/events/a").POST(BodyPublishers.ofString(data)).build(),
                BodyHandlers.ofString());
    assertEquals(200, answer.statusCode(), answer::body);
  }

  private static RawClient stream(RunningHub hub) throws Exception {
    RawClient client = RawClient.over(trusting, hub.port(), 0);
    client.send("GET /events/a" + HOST + "\r\n");
    client.readHead();
    return client;
  }

  @ParameterizedTest
  @EnumSource(Version.class)
  void eventsAreReceivedOverTheVersionThatTheClientAsksForByAlpn(Version version) throws Exception {
    try (var hub = hub()) {
      var answer =
          client(version).send(request(hub, "/events/a?for=1h").build(), BodyHandlers.ofLines());
      assertEquals(version, answer.version());
      Iterator<String> lines = answer.body().iterator();
      String large = "x".repeat(300_000);
      for (String data : List.of("small", large, "after")) {
        publish(hub, data);
        await(lines, "data: " + data);
      }
    }
  }

  private static void await(Iterator<String> lines, String expected) {
    while (!lines.next().equals(expected)) {
      // the stream's own lines
    }
  }

  @Test
  void aLongPollIsAnswered() throws Exception {
    try (var hub = hub()) {
      publish(hub, "before");
      for (Version version : Version.values()) {
        var answer =
            client(version)
                .send(
                    request(hub, "/events/a?last_event_id=earliest")
                        .header("Accept", "application/json")
                        .build(),
                    BodyHandlers.ofString());
        var events = new JsonObject(answer.body()).getJsonArray("events");
        assertEquals("before", events.getJsonObject(0).getString("data"));
      }
    }
  }

  @Test
  void aWebSocketReceivesEvents() throws Exception {
    var received = new LinkedBlockingQueue<String>();
    var listener =
        new WebSocket.Listener() {
          @Override
          public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            received.add(data.toString());
            return WebSocket.Listener.super.onText(socket, data, last);
          }
        };
    try (var hub = hub()) {
      WebSocket socket =
          client(Version.HTTP_1_1)
              .newWebSocketBuilder()
              .buildAsync(URI.create("wss://localhost:" + hub.port() + "/events/a"), listener)
              .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      publish(hub, "over TLS");
      String message;
      do {
        message = received.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      } while (!message.contains("over TLS"));
      socket.abort();
    }
  }

  @Test
  void aClientThatStopsReadingIsDisconnectedAlthoughItsConnectionIsFull() throws Exception {
    try (var hub = hub("stream.stall", "300ms");
        var stalled = RawClient.over(trusting, hub.port(), 4_096)) {
      stalled.send("GET /events/a" + HOST + "\r\n");
      Wait.until("it is open", () -> hub.hub().streams() == 1);
      Wait.until(
          "it is disconnected",
          () -> {
            publish(hub, "x".repeat(100_000));
            return hub.hub().streams() == 0;
          });
      Wait.until("its socket is closed", stalled::isReset);
    }
  }

  @Test
  void aPageIsCountedAsMemoryUntilItsEncryptedCopyIsSent() throws Exception {
    try (var hub = hub("stream.stall", "5m")) {
      for (int i = 0; i < 40; i++) {
        publish(hub, "x".repeat(100_000));
      }
      var pages = hub.hub().memory().pages();
      try (var stalled = RawClient.over(trusting, hub.port(), 4_096)) {
        stalled.send("GET /events/a?last_event_id=earliest" + HOST + "\r\n");
        Wait.until("a page is on its way", () -> pages.used() > 0);
        Wait.until("the stream lags", () -> hub.hub().streams() == 1);
        for (int i = 0; i < 5; i++) {
          publish(hub, "the loop has gone on");
          assertTrue(pages.used() > 0, "not counted any more");
        }
      }
      Wait.until("it is released", () -> pages.used() == 0);
    }
  }

  @Test
  void aStreamEndsWhenItsClientClosesOnlyItsOwnSideOfTls() throws Exception {
    try (var hub = hub();
        var client = stream(hub)) {
      Wait.until("it is open", () -> hub.hub().streams() == 1);
      ((SSLSocket) client.socket()).shutdownOutput();
      Wait.until("it has ended", () -> hub.hub().streams() == 0);
    }
  }

  @Test
  void manyStreamsWhoseClientsVanishTogetherAllEnd() throws Exception {
    try (var hub = hub()) {
      var clients = new ArrayList<RawClient>();
      for (int i = 0; i < 100; i++) {
        clients.add(stream(hub));
      }
      Wait.until("all are open", () -> hub.hub().streams() == 100);
      for (RawClient client : clients) {
        client.close();
      }
      Wait.until("all have ended", () -> hub.hub().streams() == 0);
    }
  }

  @Test
  void newCertificatesAreUsedForNewConnectionsAndStreamsGoOn() throws Exception {
    Path cert = Files.copy(one.cert(), directory.resolve("tls.pem"));
    Path key = Files.copy(one.key(), directory.resolve("tls.key"));
    try (var hub = hub(cert, key, "http.tls.reload", "50ms");
        var first = stream(hub);
        var second = stream(hub)) {
      assertEquals("CN=one", subject(hub, null));
      publish(hub, "1");
      Files.copy(two.cert(), cert, StandardCopyOption.REPLACE_EXISTING);
      publish(hub, "2");
      Files.copy(two.key(), key, StandardCopyOption.REPLACE_EXISTING);
      for (int i = 3; !subject(hub, null).equals("CN=two"); i++) {
        assertTrue(i < 1_000, "the new certificate is not used");
        publish(hub, Integer.toString(i)); // a new connection, whichever certificate it gets
      }
      assertEquals(
          Set.of("CN=two"),
          Set.of(subject(hub, null)),
          "on each event loop, to which connections go in turn");
      assertEquals("CN=two", subject(hub, null));
      publish(hub, "last");
      for (RawClient stream : List.of(first, second)) {
        var all = stream.await(so -> so.stream().anyMatch(e -> e.data().equals("last")));
        assertEquals(List.of("1", "2"), all.subList(0, 2).stream().map(e -> e.data()).toList());
      }
    }
  }

  /** The subject of the certificate that a client gets which names this host. */
  private static String subject(RunningHub hub, String host) throws Exception {
    var plain = new Socket();
    plain.setSoTimeout(PATIENCE_SECONDS * 1_000);
    plain.connect(new InetSocketAddress("127.0.0.1", hub.port()));
    // a name is asked for by SNI, an address is not
    String named = host == null ? "127.0.0.1" : host;
    var factory = trusting.getSocketFactory();
    try (var socket = (SSLSocket) factory.createSocket(plain, named, hub.port(), true)) {
      socket.startHandshake();
      var certificate = (X509Certificate) socket.getSession().getPeerCertificates()[0];
      return certificate.getSubjectX500Principal().getName();
    }
  }

  @Test
  void theCertificateIsChosenByTheNameThatTheClientAsksForAndElseIsTheFirst() throws Exception {
    var a = TestCertificate.create(directory, "a", "-ext", "san=dns:a.example");
    var b = TestCertificate.create(directory, "b", "-ext", "san=dns:b.example,dns:*.b.example");
    trusting = TestCertificate.trusting(one, two, a, b);
    try (var hub =
        RunningHub.start(
            "http.tls.cert", "[" + a.cert() + "," + b.cert() + "]",
            "http.tls.key", "[" + a.key() + "," + b.key() + "]")) {
      assertEquals("CN=a", subject(hub, "a.example"));
      assertEquals("CN=b", subject(hub, "b.example"));
      assertEquals("CN=b", subject(hub, "sub.b.example"));
      assertEquals("CN=a", subject(hub, "other.example"));
      assertEquals("CN=a", subject(hub, null));
      try (var stream = stream(hub);
          var publisher = RawClient.over(trusting, hub.port(), 0)) {
        publisher.send("POST /events/a" + HOST + "Content-Length: 2\r\n\r\nhi");
        assertEquals(200, publisher.answer().status());
        assertEquals(List.of("hi"), stream.awaitData(1));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "required, none, false",
    "required, right, true",
    "required, wrong, false",
    "request, none, true",
    "request, right, true",
    "request, wrong, true", // it is not even shown: the server names its authorities
  })
  void aClientsCertificateIsAskedForAsConfigured(String asked, String shown, boolean accepted)
      throws Exception {
    SSLContext context =
        switch (shown) {
          case "right" -> one.asClient(one);
          case "wrong" -> two.asClient(one);
          default -> TestCertificate.trusting(one);
        };
    try (var hub =
        hub("http.tls.client.ca", one.cert().toString(), "http.tls.client.certificate", asked)) {
      if (accepted) {
        assertEquals(200, health(context, hub));
      } else {
        assertThrows(IOException.class, () -> health(context, hub));
      }
    }
  }

  private static int health(SSLContext context, RunningHub hub) throws IOException {
    try (var client = RawClient.over(context, hub.port(), 0)) {
      client.send("GET /health/live" + HOST + "\r\n");
      return client.answer().status();
    }
  }

  @Test
  void weakProtocolsAndCipherSuitesAreRefused() throws Exception {
    try (var hub = hub()) {
      for (String suite : List.of("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256")) {
        try (var socket =
            (SSLSocket) trusting.getSocketFactory().createSocket("127.0.0.1", hub.port())) {
          socket.setEnabledProtocols(new String[] {"TLSv1.2"});
          socket.setEnabledCipherSuites(new String[] {suite});
          assertThrows(SSLException.class, socket::startHandshake);
        }
      }
      var options = TlsOptions.of(Settings.of(settings()).http().tls(), read());
      assertEquals(Set.of("TLSv1.2", "TLSv1.3"), options.getEnabledSecureTransportProtocols());
    }
  }

  private static Map<String, Object> settings() {
    return Map.of("http.tls.cert", one.cert().toString(), "http.tls.key", one.key().toString());
  }

  private static Certificates read() {
    return Certificates.read(Settings.of(settings()).http().tls().files(), Instant.now());
  }

  @Test
  void aPlainRequestToThePortIsNotAnswered() throws Exception {
    try (var hub = hub();
        var socket = new Socket("127.0.0.1", hub.port())) {
      socket.setSoTimeout(PATIENCE_SECONDS * 1_000);
      socket.getOutputStream().write(("GET /health/live" + HOST + "\r\n").getBytes());
      assertTrue(!new String(socket.getInputStream().readAllBytes()).contains("HTTP/1.1 2"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "365d"})
  void browsersAreToldToUseHttpsOnlyIfThatIsConfigured(String hsts) throws Exception {
    try (var hub = hub("http.tls.hsts", hsts)) {
      for (String target : List.of("/", "/health/live", "/nothing", "/events/a?for=1ms", "/%")) {
        try (var client = RawClient.over(trusting, hub.port(), 0)) {
          client.send("GET " + target + HOST + "\r\n");
          client.readHead();
          assertEquals(
              hsts.equals("0") ? null : "max-age=31536000",
              client.headers().get("strict-transport-security"),
              target + " " + client.status());
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"https, 200", "http, 403"})
  void aPageOfTheSameHostIsOfTheSameOriginOnlyWithTheSameScheme(String scheme, int status)
      throws Exception {
    try (var hub = hub();
        var client = RawClient.over(trusting, hub.port(), 0)) {
      client.send(
          "POST /events/a HTTP/1.1\r\nHost: localhost:%1$d\r\nOrigin: %2$s://localhost:%1$d\r\n"
                  .formatted(hub.port(), scheme)
              + "Content-Length: 1\r\n\r\nx");
      assertEquals(status, client.answer().status());
    }
  }

  @Test
  void theDefaultPortOfHttpsMayBeInOneOfTheTwoPlacesThatNameTheHost() throws Exception {
    try (var hub = hub();
        var client = RawClient.over(trusting, hub.port(), 0)) {
      client.send("GET https://localhost:443/health/live" + HOST + "\r\n");
      assertEquals(200, client.answer().status());
    }
  }
}
