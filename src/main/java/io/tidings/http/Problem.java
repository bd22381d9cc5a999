package io.tidings.http;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.tidings.auth.InvalidToken;
import io.tidings.auth.NotGranted;
import io.tidings.event.InvalidEvent;
import io.tidings.limits.LimitExceeded;
import io.tidings.log.LogUnavailable;
import io.tidings.log.OutcomeUnknown;
import io.tidings.metrics.Refusal;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * An error response: a problem document (RFC 9457) with {@code title} and {@code status} as in HTTP
 * and {@code detail} for people. If the request broke a rule, it has {@code field}, {@code rule}
 * and, for a batch, {@code line} for programs; the field of a limit is its setting.
 */
final class Problem extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final System.Logger LOG = System.getLogger(Problem.class.getName());
  private static final String MEDIA_TYPE = "application/problem+json";
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;
  private static final int REQUEST_TIMEOUT = 408;

  private static final int NO_ERROR = 0;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int SERVICE_UNAVAILABLE = 503;
  private static final int GATEWAY_TIMEOUT = 504;

  /** RFC 9113, 7. */
  private static final long INTERNAL_ERROR = 2;

  private static final int CLOSE_TIMEOUT_SECONDS = 2;
  private static final int RETRY_AFTER_SECONDS = 2;

  private final int status;
  private final transient Throwable violation;
  private Refusal refusal;

  /** What the client has to show (RFC 9110, 11.6.1); empty if it is not about rights. */
  private final String challenge;

  private Problem(int status, String detail, Throwable violation) {
    this(status, detail, violation, null, "");
  }

  /**
   * @param violation the rule that was broken, of the request or of a limit; may be null
   * @param refusal why the client is refused, if that is not reported elsewhere; may be null
   */
  private Problem(
      int status, String detail, Throwable violation, Refusal refusal, String challenge) {
    super(detail, violation, false, false);
    this.status = status;
    this.violation = violation;
    this.refusal = refusal;
    this.challenge = challenge;
  }

  static Problem of(int status, String detail) {
    return new Problem(status, detail, null);
  }

  /** A refusal that {@link RequestCounter} reports. */
  static Problem of(int status, Refusal refusal, String detail) {
    return new Problem(status, detail, null, refusal, "");
  }

  /**
   * A token is needed, or another one.
   *
   * @param error the error code of RFC 6750, 3.1; empty if no token was given
   */
  static Problem unauthorized(String detail, String error) {
    return new Problem(UNAUTHORIZED, detail, null, Refusal.TOKEN, challenge(error));
  }

  private static Problem of(NotGranted failure) {
    boolean identified = failure.identified();
    return new Problem(
        identified ? FORBIDDEN : UNAUTHORIZED,
        identified ? failure.getMessage() : failure.getMessage() + "; show a token",
        failure,
        null,
        challenge(identified ? "insufficient_scope" : ""));
  }

  private static Problem of(InvalidToken failure) {
    return failure.reason().isTransient()
        ? of(SERVICE_UNAVAILABLE, failure.getMessage())
        : unauthorized(
            failure.getMessage(),
            "invalid_token\", error_description=\"" + failure.reason().word());
  }

  private static String challenge(String error) {
    return "Bearer realm=\"tidings\"" + (error.isEmpty() ? "" : ", error=\"" + error + "\"");
  }

  /**
   * The problem that a failure maps to: 400 if the client broke a rule, 401 or 403 if a right is
   * missing, 429 if it has exceeded a limit, 503 if the log is unavailable and nothing was stored,
   * 504 if it is unknown whether something was stored. Any other failure is a bug: it is logged
   * here, and the client receives 500 without details.
   */
  static Problem of(Throwable failure) {
    if (failure instanceof Problem problem) {
      return problem;
    }
    if (failure instanceof NotGranted notGranted) {
      return of(notGranted);
    }
    if (failure instanceof InvalidToken invalid) {
      return of(invalid);
    }
    if (failure instanceof InvalidEvent invalid) {
      return new Problem(400, invalid.getMessage(), invalid);
    }
    if (failure instanceof LimitExceeded exceeded) {
      return new Problem(TOO_MANY_REQUESTS, exceeded.getMessage(), exceeded);
    }
    if (failure instanceof OutcomeUnknown) {
      return of(GATEWAY_TIMEOUT, failure.getMessage());
    }
    if (failure instanceof LogUnavailable) {
      return of(SERVICE_UNAVAILABLE, failure.getMessage());
    }
    if (isOfTheEnd(failure)) {
      return of(SERVICE_UNAVAILABLE, "the hub is stopping");
    }
    LOG.log(System.Logger.Level.ERROR, "a request failed", failure);
    return of(500, "the hub failed");
  }

  /** Whether it only says that Vert.x is being closed, as while a file was to be read. */
  private static boolean isOfTheEnd(Throwable failure) {
    return failure instanceof RejectedExecutionException
        || failure instanceof IllegalStateException
            && String.valueOf(failure.getMessage()).endsWith("FileResolver is closing?");
  }

  int status() {
    return status;
  }

  /** Whether the same request may succeed later, so that the client should retry. */
  boolean isTransient() {
    return status == TOO_MANY_REQUESTS
        || status == SERVICE_UNAVAILABLE
        || status == GATEWAY_TIMEOUT;
  }

  /** Why the client is refused, if that has not been reported yet; from now on it has. */
  Optional<Refusal> takeRefusal() {
    Optional<Refusal> unreported = Optional.ofNullable(refusal);
    refusal = null;
    return unreported;
  }

  /** After how many seconds a client that has exceeded a limit may try again; 0 for no limit. */
  int limitSeconds() {
    return violation instanceof LimitExceeded exceeded ? exceeded.retrySeconds() : 0;
  }

  /** Answers a request that could not be parsed. Its connection is closed. */
  static void answerMalformed(HttpServerRequest request) {
    Throwable cause = request.decoderResult().cause();
    Problem problem;
    if (cause instanceof TooLongHttpLineException) {
      problem = of(414, "request line: too long");
    } else if (cause instanceof TooLongHttpHeaderException) {
      problem = of(431, "headers: too long");
    } else {
      problem = of(400, "request: malformed");
    }
    // Vert.x closes the connection itself after the response
    request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    problem.send(request);
  }

  /**
   * Sends this problem. After a timeout, also stops the client from sending the rest of its body.
   */
  void respond(HttpServerRequest request) {
    if (status != REQUEST_TIMEOUT) {
      send(request);
    } else {
      sendAndClose(request);
    }
  }

  /**
   * Sends this problem, and then closes an HTTP/1 connection, so that nothing that follows on it is
   * read as a request. For HTTP/2 it resets the stream, after which the client sends no more of the
   * body (RFC 9113, 8.1).
   */
  void sendAndClose(HttpServerRequest request) {
    if (request.version() == HttpVersion.HTTP_2) {
      request.response().endHandler(sent -> request.response().reset(NO_ERROR));
      send(request);
      return;
    }
    request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    send(request);
    // not close(): Vert.x would serve further requests until the response is flushed
    request.connection().shutdown(CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
  }

  /**
   * Sends this problem if the client is still connected. A response that has already started is
   * reset, so that the client does not take it for complete.
   */
  void send(HttpServerRequest request) {
    HttpServerResponse response = request.response();
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
    putViolation(body);
    if (!challenge.isEmpty() && !(response instanceof MountedResponse)) { // it takes no token
      response.putHeader("WWW-Authenticate", challenge);
    }
    if (isTransient()) {
      int seconds = Math.max(limitSeconds(), RETRY_AFTER_SECONDS);
      response.putHeader(HttpHeaders.RETRY_AFTER, Integer.toString(seconds));
    }
    response
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, MEDIA_TYPE)
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    Answer.end(request, body.encode());
  }

  private void putViolation(JsonObject body) {
    if (violation instanceof InvalidEvent invalid) {
      body.put("field", invalid.field()).put("rule", invalid.rule());
      if (invalid.line() > 0) {
        body.put("line", invalid.line());
      }
    } else if (violation instanceof LimitExceeded exceeded) {
      body.put("field", exceeded.setting()).put("rule", exceeded.rule());
    }
  }
}
