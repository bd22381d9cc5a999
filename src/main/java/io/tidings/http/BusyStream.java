package io.tidings.http;

import io.tidings.fanout.CloseReason;
import io.tidings.fanout.Outlet;
import io.tidings.limits.LimitExceeded;
import io.tidings.metrics.Outcome;
import io.tidings.metrics.RequestMetrics;
import io.tidings.wire.SseFrame;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Refuses streams that can't be opened now. EventSource stops reconnecting after any status but
 * 200: it gets an event stream that has only {@code hub.busy} and ends. Other clients get a
 * problem. Confined to one event loop.
 */
final class BusyStream {
  private static final Duration DEFAULT_RETRY = Duration.ofSeconds(2);

  private final Duration retry;
  private final RequestMetrics metrics;

  /**
   * @param retry how long clients should wait before they reconnect; zero for their own default
   */
  BusyStream(Duration retry, RequestMetrics metrics) {
    this.retry = retry.isZero() ? DEFAULT_RETRY : retry;
    this.metrics = metrics;
  }

  /** Ends a request for a stream that failed before anything was written. */
  void refuse(HttpServerRequest request, ResponseFormat format, Outlet outlet, Throwable failure) {
    Problem problem = Problem.of(failure);
    boolean opens = format == ResponseFormat.EVENT_STREAM && request.method() != HttpMethod.HEAD;
    if (!opens || !problem.isTransient()) {
      problem.respond(request);
      return;
    }
    HttpServerResponse response = request.response();
    if (response.ended() || response.closed() || response.headWritten()) {
      return;
    }
    metrics.answered(RequestCounter.door(request), outcome(failure));
    int retryMillis = retryMillis(problem);
    var json = new JsonObject().put("detail", problem.getMessage()).put("retry", retryMillis);
    format
        .setHeaders(response.headersEndHandler(null)) // counted above
        .write(Buffer.buffer(SseFrame.busy(retryMillis, json.encode()).bytes()))
        .onComplete(written -> outlet.end(CloseReason.FAILED));
  }

  private static Outcome outcome(Throwable failure) {
    return failure instanceof LimitExceeded ? Outcome.LIMITED : Outcome.UNAVAILABLE;
  }

  /** Not before the problem may have passed; random, so that many clients do not retry at once. */
  private int retryMillis(Problem problem) {
    int spread = (int) retry.toMillis();
    long minimum = Math.max(spread, problem.limitSeconds() * 1_000L);
    return (int) Math.min(Integer.MAX_VALUE, minimum + ThreadLocalRandom.current().nextInt(spread));
  }
}
