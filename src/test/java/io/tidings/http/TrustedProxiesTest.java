package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The headers of proxies over HTTP; the test itself is the proxy, on this machine. */
class TrustedProxiesTest {
  private static final String PAGE = "Origin: https://news.example";

  private static int post(RunningHub hub, String... headers) throws Exception {
    return RawClient.post(hub.port(), "/events/a", "x", headers).status();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "200 | X-Forwarded-Host: news.example       | X-Forwarded-Proto: https",
        "200 | X-Forwarded-Host: NEWS.example:443   | X-Forwarded-Proto: HTTPS",
        "200 | X-Forwarded-Host: news.example, b    | X-Forwarded-Proto: https, http",
        "200 | X-Forwarded-Host: news.example       | X-Forwarded-For: 1.2.3.4",
        "403 | X-Forwarded-Host: news.example       | X-Forwarded-Proto: http",
        "403 | X-Forwarded-Host: news.example:80    | X-Forwarded-Proto: https",
        "403 | X-Forwarded-Host: b, news.example    | X-Forwarded-Proto: https",
        "403 | X-Forwarded-Host: a.news.example     | X-Forwarded-Proto: https",
        "403 | X-Forwarded-For: 1.2.3.4             | X-Forwarded-Proto: https",
      })
  void aPageOfTheHostThatTheProxyForwardsMayPublish(int status, String one, String other)
      throws Exception {
    try (var hub = RunningHub.start("http.hosts", "news.example, a.news.example, b")) {
      assertEquals(status, post(hub, PAGE, one, other));
    }
  }

  @Test
  void theHostHeaderAndTheForwardedSchemeAreComparedWithTheOrigin() throws Exception {
    try (var hub = RunningHub.start()) {
      assertEquals(200, post(hub, "Origin: https://localhost"));
      assertEquals(200, post(hub, "Origin: https://localhost", "X-Forwarded-Proto: https"));
      assertEquals(403, post(hub, "Origin: http://localhost", "X-Forwarded-Proto: https"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                     | 403",
        "10.0.0.0/8, private    | 403",
        "127.0.0.2              | 403",
        "127.0.0.1              | 200",
        "::ffff:127.0.0.1       | 200",
        "fd00::/8, 127.0.0.0/30 | 200",
      })
  void onlyConfiguredProxiesAreTrusted(String proxies, int status) throws Exception {
    try (var hub = RunningHub.start("http.proxies", proxies, "http.hosts", "news.example")) {
      String host = "X-Forwarded-Host: news.example";
      assertEquals(status, post(hub, PAGE, host, "X-Forwarded-Proto: https"));
    }
  }
}
