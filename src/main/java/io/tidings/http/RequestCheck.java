package io.tidings.http;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.Map;

/**
 * Stands before all doors, and refuses requests that name no host of the hub, or whose end nobody
 * can tell for sure. After a refusal a connection of HTTP/1 is closed: what follows on it may be a
 * body that passes for a request (request smuggling).
 */
final class RequestCheck implements Handler<HttpServerRequest> {
  private static final String CHUNKED = "chunked";

  private final AllowedHosts hosts;
  private final Handler<HttpServerRequest> doors;

  RequestCheck(AllowedHosts hosts, Handler<HttpServerRequest> doors) {
    this.hosts = hosts;
    this.doors = doors;
  }

  @Override
  public void handle(HttpServerRequest request) {
    try {
      checkFraming(request);
      checkValues(request);
      hosts.check(request);
    } catch (Problem e) {
      e.sendLast(request);
      return;
    }
    doors.handle(request);
  }

  /**
   * HTTP/2 tells values by their length, and Netty lets through what would end a line of HTTP/1
   * (RFC 9113, 8.2.1).
   */
  private static void checkValues(HttpServerRequest request) {
    if (request.version() != HttpVersion.HTTP_2) {
      return;
    }
    for (Map.Entry<String, String> header : request.headers()) {
      if (header.getValue().chars().anyMatch(c -> c == '\r' || c == '\n' || c == 0)) {
        throw Problem.of(400, "headers: a value must have no CR, LF or NUL");
      }
    }
  }

  /** Only chunks tell where a body of another coding ends (RFC 9112, 6.3), and we know no other. */
  private static void checkFraming(HttpServerRequest request) {
    List<String> codings = request.headers().getAll(HttpHeaders.TRANSFER_ENCODING);
    if (codings.isEmpty()) {
      return;
    }
    boolean chunked = codings.size() == 1 && codings.get(0).equalsIgnoreCase(CHUNKED);
    if (!chunked || request.version() != HttpVersion.HTTP_1_1) {
      throw Problem.of(400, "Transfer-Encoding: must be chunked, once, and in HTTP/1.1");
    }
  }
}
