package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.http.RawClient.Answer;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Content-Security-Policy and caching of pages, and the CORS headers. */
class PageHeadersTest {
  private static RunningHub hub;

  @BeforeAll
  static void start() throws Exception {
    hub = RunningHub.start("cors.subscribe", "null, *, https://a.example", "cors.publish", "null");
  }

  @AfterAll
  static void stop() throws Exception {
    hub.close();
  }

  private static Answer get(String target, String... headers) throws Exception {
    try (var client = new RawClient(hub.port())) {
      var head = new StringBuilder("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n");
      for (String header : headers) {
        head.append(header).append("\r\n");
      }
      client.send(head + "\r\n");
      return client.answer();
    }
  }

  @Test
  void everyPageHasAContentSecurityPolicyThatForbidsFraming() throws Exception {
    for (String page :
        List.of("/", "/index.html", "/probe.html", "/scenes/", "/scenes/clock.html")) {
      var headers = get(page).headers();
      String policy = headers.get("content-security-policy");
      assertTrue(policy.contains("frame-ancestors 'none'"), page);
      assertFalse(policy.contains("unsafe"), page);
      assertEquals(page.endsWith("clock.html"), policy.contains("'sha256-"), page);
      assertEquals("nosniff", headers.get("x-content-type-options"), page);
      assertEquals("no-referrer", headers.get("referrer-policy"), page);
    }
    assertEquals("nosniff", get("/nothing").headers().get("x-content-type-options"));
    assertEquals("nosniff", get("/metrics").headers().get("x-content-type-options"));
  }

  @Test
  void aFileThatTheClientHasIsAnsweredWith304() throws Exception {
    for (String file :
        List.of("/", "/tidings.css", "/webjars/chart.js/4.5.1/dist/chart.umd.min.js")) {
      String tag = get(file).headers().get("etag");
      assertEquals(304, get(file, "If-None-Match: " + tag).status(), file);
      assertEquals(304, get(file, "If-None-Match: \"x\", W/" + tag).status(), file);
      String future = "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT";
      assertEquals(200, get(file, "If-None-Match: \"x\"", future).status(), file);
    }
    assertFalse(get("/nothing").headers().containsKey("etag"));
  }

  @Test
  void onlyListedOriginsGetCredentials() throws Exception {
    String poll = "/events/a?wait=0s";
    String json = "Accept: application/json";
    var named = get(poll, json, "Origin: https://a.example").headers();
    assertEquals("https://a.example", named.get("access-control-allow-origin"));
    assertEquals("true", named.get("access-control-allow-credentials"));
    for (String origin : List.of("null", "https://b.example", "*")) {
      var headers = get(poll, json, "Origin: " + origin).headers();
      assertEquals(
          origin.equals("null") ? "null" : "*", headers.get("access-control-allow-origin"), origin);
      assertFalse(headers.containsKey("access-control-allow-credentials"), origin);
    }
    var posted = RawClient.post(hub.port(), "/events/a", "x", "Origin: null");
    assertEquals(200, posted.status());
    assertFalse(posted.headers().containsKey("access-control-allow-credentials"));
  }
}
