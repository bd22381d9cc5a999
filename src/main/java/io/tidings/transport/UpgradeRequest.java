package io.tidings.transport;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;

/** A request to upgrade the connection to another protocol. */
final class UpgradeRequest {
  private static final String H2C = "h2c";
  private static final String SETTINGS = "http2-settings";

  private UpgradeRequest() {}

  static boolean wantsWebSocket(HttpRequest request) {
    return request.headers().contains(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true);
  }

  /**
   * Removes an upgrade to HTTP/2, which leaves a plain HTTP/1 request; RFC 9113 (3.1) has no such
   * upgrade any more. A proxy that passes it on, as for WebSockets, would afterwards pass on frames
   * that it does not read: requests in them would evade its rules, and look as if they were made by
   * a program beside it.
   */
  static void ignoreHttp2(HttpRequest request) {
    HttpHeaders headers = request.headers();
    if (headers.containsValue(HttpHeaderNames.UPGRADE, H2C, true)) {
      headers.remove(HttpHeaderNames.UPGRADE);
      headers.remove(SETTINGS);
    }
  }
}
