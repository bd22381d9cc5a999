package io.tidings.http;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.tidings.event.InvalidEvent;
import io.tidings.log.LogUnavailable;
import io.tidings.log.OutcomeUnknown;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.TimeUnit;

/**
 * An answer that says what is wrong, as a problem document (RFC 9457): {@code title} and {@code
 * status} as in HTTP, {@code detail} for people, and for programs {@code field}, {@code rule} and,
 * of a batch, {@code line}, where the request broke one.
 */
final class Problem extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final System.Logger LOG = System.getLogger(Problem.class.getName());
  private static final String MEDIA_TYPE = "application/problem+json";
  private static final int TIMED_OUT = 408;

  private static final int NO_ERROR = 0;
  private static final int TOO_MANY = 429;
  private static final int UNAVAILABLE = 503;
  private static final int UNKNOWN = 504;

  /** RFC 9113, 7. */
  private static final long INTERNAL_ERROR = 2;

  private static final int CLOSING_SECONDS = 2;
  private static final String RETRY_AFTER_SECONDS = "2";

  private final int status;
  private final transient InvalidEvent broken;

  private Problem(int status, String detail, InvalidEvent broken) {
    super(detail, broken, false, false);
    this.status = status;
    this.broken = broken;
  }

  static Problem of(int status, String detail) {
    return new Problem(status, detail, null);
  }

  /**
   * The problem that a failure means to the client: its own fault where it broke a rule; an outage
   * where the log has one, by which nothing was stored (503), or nobody knows whether it was (504).
   * Anything else is a bug, which is logged here, and of which clients learn no more than that.
   */
  static Problem of(Throwable failure) {
    if (failure instanceof Problem problem) {
      return problem;
    }
    if (failure instanceof InvalidEvent invalid) {
      return new Problem(400, invalid.getMessage(), invalid);
    }
    if (failure instanceof OutcomeUnknown) {
      return of(UNKNOWN, failure.getMessage());
    }
    if (failure instanceof LogUnavailable) {
      return of(UNAVAILABLE, failure.getMessage());
    }
    LOG.log(System.Logger.Level.ERROR, "a request failed", failure);
    return of(500, "the hub failed");
  }

  /** Whether the same request may succeed later: then a client should try again. */
  boolean passing() {
    return status == TOO_MANY || status == UNAVAILABLE || status == UNKNOWN;
  }

  /** Answers a request that could not even be read, and closes its connection. */
  static void unreadable(HttpServerRequest request) {
    Throwable cause = request.decoderResult().cause();
    Problem problem;
    if (cause instanceof TooLongHttpLineException) {
      problem = of(414, "request line: is too long");
    } else if (cause instanceof TooLongHttpHeaderException) {
      problem = of(431, "headers: are too long");
    } else {
      problem = of(400, "request: can't be read");
    }
    // Vert.x closes the connection itself, after the answer
    request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    problem.send(request.response());
  }

  /** Answers with it, and ends what the client still sends where it takes too long. */
  void answer(HttpServerRequest request) {
    if (status != TIMED_OUT) {
      send(request.response());
    } else {
      sendLast(request);
    }
  }

  /**
   * Answers with it, and closes a connection of HTTP/1: nothing that follows on it is read. Of
   * HTTP/2 the stream is reset, which asks the client for no more of its body (RFC 9113, 8.1).
   */
  void sendLast(HttpServerRequest request) {
    if (request.version() == HttpVersion.HTTP_2) {
      request.response().endHandler(sent -> request.response().reset(NO_ERROR));
      send(request.response());
      return;
    }
    request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    send(request.response());
    // not close: while it waits for the answer to leave, Vert.x would serve what follows
    request.connection().shutdown(CLOSING_SECONDS, TimeUnit.SECONDS);
  }

  /**
   * Answers with it, if there is still somebody to answer. An answer that has begun can't say it:
   * it is broken off, so that nobody takes it for complete.
   */
  void send(HttpServerResponse response) {
    if (response.ended() || response.closed()) {
      return;
    }
    if (response.headWritten()) {
      response.reset(INTERNAL_ERROR);
      return;
    }
    var body =
        new JsonObject()
            .put("type", "about:blank")
            .put("title", HttpResponseStatus.valueOf(status).reasonPhrase())
            .put("status", status)
            .put("detail", getMessage());
    if (broken != null) {
      body.put("field", broken.field()).put("rule", broken.rule());
      if (broken.line() > 0) {
        body.put("line", broken.line());
      }
    }
    if (passing()) {
      response.putHeader(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS);
    }
    response
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, MEDIA_TYPE)
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .end(body.encode());
  }
}
