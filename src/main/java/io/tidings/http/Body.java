package io.tidings.http;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

/** Reads the body of a request, up to a bound. */
final class Body {
  private static final long COPIES = 4;
  private static final long SMALL_BYTES = 64 * 1024;

  private Body() {}

  /**
   * @return the whole body; fails with a {@link Problem} of status 413 as soon as it is known to
   *     have more bytes than that
   */
  static Future<Buffer> read(HttpServerRequest request, int maxBytes) {
    if (announced(request) > maxBytes) {
      return Future.failedFuture(tooLarge(maxBytes)); // what comes nevertheless is dropped
    }
    if (request.headers().contains(HttpHeaders.EXPECT, HttpHeaders.CONTINUE, true)) {
      request.response().writeContinue();
    }
    Promise<Buffer> body = Promise.promise();
    Buffer read = Buffer.buffer();
    request.handler(
        part -> {
          if (read.length() + part.length() <= maxBytes) {
            read.appendBuffer(part);
          } else {
            body.tryFail(tooLarge(maxBytes));
          }
        });
    request.exceptionHandler(body::tryFail);
    request.endHandler(end -> body.tryComplete(read));
    return body.future();
  }

  /**
   * How much memory it takes to read the body, to make an event of it, and a frame; where its
   * length is not announced, that of a small one.
   */
  static long memory(HttpServerRequest request, int maxBytes) {
    long announced = announced(request);
    boolean unknown = request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
    return COPIES * Math.min(maxBytes, unknown ? SMALL_BYTES : announced);
  }

  private static Problem tooLarge(int maxBytes) {
    return Problem.of(413, "body: must have at most " + maxBytes + " bytes");
  }

  private static long announced(HttpServerRequest request) {
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    try {
      return length == null ? 0 : Long.parseLong(length);
    } catch (NumberFormatException e) {
      throw Problem.of(400, "Content-Length: must be a whole number");
    }
  }
}
