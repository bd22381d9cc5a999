package io.tidings.http;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Precedes all routes and rejects requests that name no host of the hub or whose body has no
 * certain end. After a rejection an HTTP/1 connection is closed, since the bytes that follow may be
 * a body that looks like a request (request smuggling).
 */
final class RequestCheck implements Handler<HttpServerRequest> {
  private static final String CHUNKED = "chunked";

  private final Consumer<HttpServerRequest> hosts;
  private final Handler<HttpServerRequest> routes;

  /**
   * @param hosts throws {@link Problem} if the request names no host of the hub
   */
  RequestCheck(Consumer<HttpServerRequest> hosts, Handler<HttpServerRequest> routes) {
    this.hosts = hosts;
    this.routes = routes;
  }

  @Override
  public void handle(HttpServerRequest request) {
    try {
      checkFraming(request);
      checkHeaderValues(request);
      hosts.accept(request);
    } catch (Problem e) {
      e.sendAndClose(request);
      return;
    }
    routes.handle(request);
  }

  /**
   * Rejects CR, LF and NUL in HTTP/2 header values. HTTP/2 delimits values by length, and Netty
   * accepts characters that would end a line in HTTP/1 (RFC 9113, 8.2.1).
   */
  private static void checkHeaderValues(HttpServerRequest request) {
    if (request.version() != HttpVersion.HTTP_2) {
      return;
    }
    for (Map.Entry<String, String> header : request.headers()) {
      if (header.getValue().chars().anyMatch(c -> c == '\r' || c == '\n' || c == 0)) {
        throw Problem.of(400, "headers: values must not contain CR, LF or NUL");
      }
    }
  }

  /**
   * Rejects transfer codings other than {@code chunked}, which alone delimits a body of unknown
   * length (RFC 9112, 6.3).
   */
  private static void checkFraming(HttpServerRequest request) {
    List<String> codings = request.headers().getAll(HttpHeaders.TRANSFER_ENCODING);
    if (codings.isEmpty()) {
      return;
    }
    boolean chunked = codings.size() == 1 && codings.get(0).equalsIgnoreCase(CHUNKED);
    if (!chunked || request.version() != HttpVersion.HTTP_1_1) {
      throw Problem.of(400, "Transfer-Encoding: must be chunked, given once, over HTTP/1.1");
    }
  }
}
