package io.tidings.http;

import io.tidings.settings.DurationFormat;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Locale;

/** Reads the body of a request, up to a limit of bytes and time. */
final class RequestBody {
  /** A body is held as bytes, as text, as an event and as a frame. */
  private static final long MEMORY_FACTOR = 4;

  /** The assumed length of a body of unknown length. */
  private static final long ASSUMED_BYTES = 64 * 1024;

  private RequestBody() {}

  /**
   * Reads the body.
   *
   * @param timeout how long receiving the body may take; zero for no limit
   * @return the whole body; fails with a {@link Problem} of status 413 as soon as the body is known
   *     to exceed {@code maxBytes}, or 408 when the time is over
   */
  static Future<Buffer> read(HttpServerRequest request, int maxBytes, Duration timeout) {
    if (request.response() instanceof MountedResponse mounted && request.isEnded()) {
      return readBefore(mounted.routingContext(), maxBytes);
    }
    if (contentLength(request) > maxBytes) {
      return Future.failedFuture(tooLarge(maxBytes)); // a body sent nevertheless is discarded
    }
    if (request.version() != HttpVersion.HTTP_1_0
        && request.headers().contains(HttpHeaders.EXPECT, HttpHeaders.CONTINUE, true)) {
      request.response().writeContinue();
    }
    var parts = new Parts(maxBytes);
    request.handler(parts::add);
    request.exceptionHandler(e -> parts.fail(Problem.of(400, "body: incomplete or malformed")));
    request.endHandler(end -> parts.end());
    if (!timeout.isZero()) {
      // most bodies arrive with their request and need no timer
      Context context = Vertx.currentContext();
      context.runOnContext(next -> startTimer(parts, context.owner(), timeout));
    }
    return parts.body.future();
  }

  /**
   * What was received of a body. When reading it has failed, the request answers that and gives
   * back the memory that it reserved, and nothing of the body is held, however long the client goes
   * on sending it.
   */
  static final class Parts {
    private final int maxBytes;
    private final Promise<Buffer> body = Promise.promise();
    private Buffer read = Buffer.buffer();

    Parts(int maxBytes) {
      this.maxBytes = maxBytes;
    }

    void add(Buffer part) {
      if (body.future().isComplete()) {
        return;
      }
      if (read.length() + part.length() > maxBytes) {
        fail(tooLarge(maxBytes));
      } else {
        read.appendBuffer(part);
      }
    }

    void fail(Problem problem) {
      read = Buffer.buffer();
      body.tryFail(problem);
    }

    void end() {
      body.tryComplete(read);
    }

    int heldBytes() {
      return read.length();
    }
  }

  /** The body of a request that a handler of the application has read before. */
  private static Future<Buffer> readBefore(RoutingContext context, int maxBytes) {
    if (!context.body().available()) {
      return Future.failedFuture(
          Problem.of(
              400,
              "body: was read, or has come and gone, before the hub's handler. One before it that"
                  + " goes on later must pause the request first, and one that reads the body must"
                  + " hand it on"));
    }
    Buffer body = context.body().buffer();
    if (body == null || body.length() == 0) {
      return isMultipart(context.request())
          ? Future.failedFuture(
              Problem.of(
                  400,
                  "body: is multipart/form-data, of which a handler before the hub's has handed"
                      + " nothing on; send the event itself"))
          : Future.succeededFuture(Buffer.buffer());
    }
    return body.length() > maxBytes
        ? Future.failedFuture(tooLarge(maxBytes))
        : Future.succeededFuture(body);
  }

  private static boolean isMultipart(HttpServerRequest request) {
    String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
    return type != null && type.toLowerCase(Locale.ROOT).startsWith("multipart/");
  }

  private static void startTimer(Parts parts, Vertx vertx, Duration timeout) {
    Future<Buffer> body = parts.body.future();
    if (body.isComplete()) {
      return;
    }
    long timer =
        vertx.setTimer(
            timeout.toMillis(),
            expired ->
                parts.fail(
                    Problem.of(408, "body: must arrive within " + DurationFormat.text(timeout))));
    body.onComplete(done -> vertx.cancelTimer(timer));
  }

  /**
   * The memory in bytes to reserve for reading the body and for the event and frame made of it. A
   * body of unknown length is assumed to be small.
   */
  static long memoryBytes(HttpServerRequest request, int maxBytes) {
    long contentLength = contentLength(request);
    boolean unknown = request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
    return MEMORY_FACTOR * Math.min(maxBytes, unknown ? ASSUMED_BYTES : contentLength);
  }

  private static Problem tooLarge(int maxBytes) {
    return Problem.of(413, "body: must not exceed " + maxBytes + " bytes");
  }

  /** The announced length of the body; 0 if none is. */
  static long contentLength(HttpServerRequest request) {
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    try {
      return length == null ? 0 : Long.parseLong(length);
    } catch (NumberFormatException e) {
      throw Problem.of(400, "Content-Length: must be an integer");
    }
  }
}
