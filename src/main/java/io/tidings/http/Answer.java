package io.tidings.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/**
 * Ends a response with a body, or without it if the request is HEAD. Vert.x 5.1 leaves the body of
 * such a response out over HTTP/1, but sends it over HTTP/2, where clients regard it as a violation
 * of the protocol and discard the response (RFC 9113, 8.1.1).
 */
final class Answer {
  private Answer() {}

  static void end(HttpServerRequest request, String body) {
    end(request, Buffer.buffer(body));
  }

  static void end(HttpServerRequest request, Buffer body) {
    HttpServerResponse response = request.response();
    if (HttpMethod.HEAD.equals(request.method())) {
      response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length())).end();
    } else {
      response.end(body);
    }
  }
}
