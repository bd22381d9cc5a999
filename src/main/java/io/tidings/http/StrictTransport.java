package io.tidings.http;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;

/** Tells browsers to use only https for this host (RFC 6797), with every answer. */
final class StrictTransport implements Handler<HttpServerRequest> {
  private static final String HEADER = "Strict-Transport-Security";

  private final String value;
  private final Handler<HttpServerRequest> next;

  private StrictTransport(Duration maxAge, Handler<HttpServerRequest> next) {
    this.value = "max-age=" + maxAge.toSeconds();
    this.next = next;
  }

  /**
   * @param maxAge zero to tell nothing
   */
  static Handler<HttpServerRequest> of(Duration maxAge, Handler<HttpServerRequest> next) {
    return maxAge.isZero() ? next : new StrictTransport(maxAge, next);
  }

  @Override
  public void handle(HttpServerRequest request) {
    request.response().putHeader(HEADER, value);
    next.handle(request);
  }
}
