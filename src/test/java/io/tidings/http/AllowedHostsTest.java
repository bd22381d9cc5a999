package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.StreamResetException;
import io.vertx.core.net.HostAndPort;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * DNS rebinding: a page whose host name resolves to the hub is of the hub's own origin to its
 * browser.
 */
class AllowedHostsTest {
  private static final String BODY = "Content-Length: 1\r\n\r\nx";

  /** PROTOCOL_ERROR (RFC 9113, 7): the stream error for a malformed request. */
  private static final long PROTOCOL_ERROR = 1;

  private static RunningHub hub;

  @BeforeAll
  static void start() throws Exception {
    hub = RunningHub.start("http.hosts", "News.example, *.below.example");
  }

  @AfterAll
  static void stop() throws Exception {
    hub.close();
  }

  private static int status(String head) throws Exception {
    try (var client = new RawClient(hub.port())) {
      client.send(head);
      return client.answer().status();
    }
  }

  @Test
  void aPageOfAnotherHostCanNeitherPublishNorReadNorOpenAWebSocket() throws Exception {
    String evil = " HTTP/1.1\r\nHost: evil.com\r\nOrigin: http://evil.com\r\n";
    assertEquals(421, status("POST /events/a" + evil + BODY));
    for (String target :
        List.of("/events/a", "/", "/metrics", "/cluster", "/probe", "/health/live")) {
      assertEquals(421, status("GET " + target + evil + "\r\n"), target);
    }
    String socket =
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    assertEquals(421, status("GET /events/a" + evil + socket));
    assertEquals(421, status("OPTIONS /events/a" + evil + "\r\n"));
  }

  @Test
  void aRefusalNamesTheSettingAndClosesTheConnection() throws Exception {
    try (var client = new RawClient(hub.port())) {
      client.send("GET / HTTP/1.1\r\nHost: evil.com\r\n\r\n");
      var answer = client.answer();
      assertTrue(answer.body().contains("http.hosts"), answer.body());
      assertEquals("close", answer.headers().get("connection"));
      assertEquals(-1, client.socket().getInputStream().read());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "LOCALHOST:8080",
        "localhost.",
        "hub.localhost",
        "127.0.0.1",
        "10.1.2.3:80",
        "[::1]",
        "[fd00::1]:8080",
        "news.example",
        "NEWS.example:443",
        "a.below.example",
        "a.b.below.example.",
      })
  void addressesLocalhostAndListedNamesAreAccepted(String host) throws Exception {
    assertEquals(200, status("GET /health/live HTTP/1.1\r\nHost: " + host + "\r\n\r\n"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.com",
        "localhost.evil.com",
        "notlocalhost",
        "127.0.0.1.evil.com",
        "news.example.evil.com",
        "notnews.example",
        "below.example",
        "notbelow.example",
        "256.0.0.1",
      })
  void allOtherNamesAreRejected(String host) throws Exception {
    assertEquals(421, status("GET /health/live HTTP/1.1\r\nHost: " + host + "\r\n\r\n"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost:\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
        "GET / HTTP/1.0\r\nHost: localhost\r\nHost: evil.com\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost, evil.com\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: evil.com@localhost\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost:port\r\n\r\n",
        "GET http://evil.com/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET http://localhost/ HTTP/1.1\r\nHost: evil.com\r\n\r\n",
        "GET http://localhost:81/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET http://localhost/ HTTP/1.1\r\n\r\n",
        "GET events/a HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET file:///events/a HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "CONNECT localhost:80 HTTP/1.1\r\nHost: localhost:80\r\n\r\n",
      })
  void aRequestThatDoesNotNameExactlyOneHostIsRejected(String head) throws Exception {
    assertEquals(400, status(head));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET http://localhost/health/live HTTP/1.1\r\nHost: localhost:80\r\n\r\n",
        "GET http://LOCALHOST/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /health/live HTTP/1.0\r\n\r\n",
      })
  void anEqualAuthorityAndAnHttp10RequestWithoutHostAreAccepted(String head) throws Exception {
    assertEquals(200, status(head));
  }

  @Test
  void theAuthorityOfTheTargetIsCheckedLikeTheHost() throws Exception {
    assertEquals(421, status("GET http://evil.com/ HTTP/1.1\r\nHost: evil.com\r\n\r\n"));
    assertEquals(421, status("GET http://evil.com/ HTTP/1.0\r\n\r\n"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "200 | localhost | news.example",
        "200 | localhost | 10.0.0.1:8080, evil.com",
        "421 | localhost | evil.com",
        "421 | evil.com  | news.example",
        "421 | evil.com  | localhost",
        "400 | localhost | a b",
      })
  void theHostThatATrustedProxyForwardsMustBeAllowedToo(int status, String host, String forwarded)
      throws Exception {
    String head = "GET /health/live HTTP/1.1\r\nHost: %s\r\nX-Forwarded-Host: %s\r\n\r\n";
    assertEquals(status, status(head.formatted(host, forwarded)));
  }

  @Test
  void theForwardedHostOfAnUntrustedPeerIsIgnored() throws Exception {
    try (var strict = RunningHub.start("http.proxies", "");
        var client = new RawClient(strict.port())) {
      client.send(
          "GET /health/live HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Host: evil.com\r\n\r\n");
      assertEquals(200, client.answer().status());
    }
  }

  @Test
  void http2RequestsAreCheckedToo() throws Exception {
    assertEquals(200, overHttp2("localhost", null));
    assertEquals(200, overHttp2("news.example", null));
    assertEquals(421, overHttp2("evil.com", null));
    assertEquals(200, overHttp2("localhost", "localhost"));
    var refused = assertThrows(ExecutionException.class, () -> overHttp2("localhost", "evil.com"));
    assertEquals(PROTOCOL_ERROR, ((StreamResetException) refused.getCause()).getCode());
  }

  private static int overHttp2(String authority, String host) throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      var client =
          vertx.createHttpClient(
              new HttpClientOptions()
                  .setProtocolVersion(HttpVersion.HTTP_2)
                  .setHttp2ClearTextUpgrade(false));
      var options =
          new RequestOptions()
              .setMethod(HttpMethod.GET)
              .setServer(io.vertx.core.net.SocketAddress.inetSocketAddress(hub.port(), "127.0.0.1"))
              .setHost(authority)
              .setPort(80)
              .setURI("/health/live");
      return RunningHub.get(
          client
              .request(options)
              .compose(
                  request -> {
                    request.authority(HostAndPort.create(authority, 80));
                    if (host != null) {
                      request
                          .headers()
                          .addAll(MultiMap.caseInsensitiveMultiMap().add("host", host));
                    }
                    return request.send();
                  })
              .map(response -> response.statusCode()));
    } finally {
      RunningHub.get(vertx.close());
    }
  }
}
