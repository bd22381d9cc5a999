package io.tidings.http;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;

/**
 * The single place that ends requests whose handling failed. Catches what the routes throw; their
 * asynchronous callbacks call {@link #answer} or {@link #guard}. Confined to one event loop.
 */
final class FailureHandler implements Handler<HttpServerRequest> {
  private final Handler<HttpServerRequest> doors;

  FailureHandler(Handler<HttpServerRequest> doors) {
    this.doors = doors;
  }

  @Override
  public void handle(HttpServerRequest request) {
    try {
      doors.handle(request);
    } catch (RuntimeException | Error e) {
      answer(request, e);
    }
  }

  /**
   * Answers with the problem that the failure maps to; aborts a response that has already started.
   */
  static void answer(HttpServerRequest request, Throwable failure) {
    Problem.of(failure).answer(request);
  }

  /** Runs a callback on behalf of a request, and ends the request if the callback throws. */
  static void guard(HttpServerRequest request, Runnable later) {
    try {
      later.run();
    } catch (RuntimeException | Error e) {
      answer(request, e);
    }
  }
}
