package io.tidings.http;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;

/**
 * The one place that ends requests whose handling failed: before all doors for what they throw, and
 * called by their callbacks for what is thrown later. Confined to one event loop.
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

  /** Answers with what the failure means to the client; ends an answer that has begun. */
  static void answer(HttpServerRequest request, Throwable failure) {
    Problem.of(failure).answer(request);
  }

  /** Runs what is called later on behalf of a request. */
  static void guard(HttpServerRequest request, Runnable later) {
    try {
      later.run();
    } catch (RuntimeException | Error e) {
      answer(request, e);
    }
  }
}
