package io.tidings.transport;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;

/** The properties of a request that {@link ConnectionGuard} needs when its response is written. */
enum RequestKind {
  PLAIN,
  /** Its client waits for {@code 100 Continue} before it sends the body. */
  EXPECTING,
  /** Its response has no body. */
  HEAD,
  /** Asks for an upgrade to WebSocket. */
  WEB_SOCKET;

  static RequestKind of(HttpRequest request) {
    if (UpgradeRequest.wantsWebSocket(request)) {
      return WEB_SOCKET;
    } else if (request.headers().contains(HttpHeaderNames.EXPECT)) {
      return EXPECTING;
    }
    return request.method().name().equals("HEAD") ? HEAD : PLAIN;
  }

  boolean upgrades() {
    return this == WEB_SOCKET;
  }
}
