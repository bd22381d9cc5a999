package io.tidings.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpgradeRequestTest {
  /** SETTINGS_MAX_CONCURRENT_STREAMS = 100. */
  private static final String SETTINGS = "AAMAAABk";

  private static HttpRequest request(HttpMethod method, String... headers) {
    var request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, method, "/");
    for (int i = 0; i < headers.length; i += 2) {
      request.headers().add(headers[i], headers[i + 1]);
    }
    return request;
  }

  private static HttpRequest upgrade(String connection, String settings) {
    return request(
        HttpMethod.GET,
        "Host",
        "localhost",
        "Upgrade",
        "h2c",
        "Connection",
        connection,
        "HTTP2-Settings",
        settings);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Upgrade, HTTP2-Settings", "http2-settings,upgrade,keep-alive", "Upgrade"})
  void anUpgradeToHttp2IsRemoved(String connection) {
    HttpRequest request = upgrade(connection, SETTINGS);
    UpgradeRequest.ignoreHttp2(request);
    assertFalse(request.headers().contains("Upgrade"));
    assertFalse(request.headers().contains("HTTP2-Settings"));
  }

  @Test
  void anUpgradeToHttp2AmongOthersIsRemoved() {
    HttpRequest request = request(HttpMethod.GET, "Upgrade", "websocket, H2C");
    UpgradeRequest.ignoreHttp2(request);
    assertFalse(request.headers().contains("Upgrade"));
  }

  @Test
  void otherUpgradesAreLeftAlone() {
    HttpRequest request = request(HttpMethod.GET, "Upgrade", "WebSocket");
    UpgradeRequest.ignoreHttp2(request);
    assertTrue(UpgradeRequest.wantsWebSocket(request));
  }

  @Test
  void theKindOfARequestFollowsFromItsMethodAndHeaders() {
    assertEquals(RequestKind.PLAIN, RequestKind.of(request(HttpMethod.GET)));
    assertEquals(RequestKind.HEAD, RequestKind.of(request(HttpMethod.HEAD)));
    assertEquals(
        RequestKind.EXPECTING, RequestKind.of(request(HttpMethod.POST, "Expect", "100-continue")));
    assertEquals(
        RequestKind.WEB_SOCKET,
        RequestKind.of(request(HttpMethod.GET, "Upgrade", "websocket", "Expect", "x")));
    assertTrue(RequestKind.WEB_SOCKET.upgrades());
    assertFalse(RequestKind.HEAD.upgrades());
  }
}
