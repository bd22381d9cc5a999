package io.tidings.http;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;

/**
 * The single place that ends requests whose handling failed. Catches what the routes throw; their
 * asynchronous callbacks call {@link #respond} or {@link #guard}. Confined to one event loop.
 */
final class FailureHandler implements Handler<HttpServerRequest> {
  private final Handler<HttpServerRequest> routes;

  FailureHandler(Handler<HttpServerRequest> routes) {
    this.routes = routes;
  }

  @Override
  public void handle(HttpServerRequest request) {
    try {
      routes.handle(request);
    } catch (RuntimeException | Error e) {
      respond(request, e);
    }
  }

  /**
   * Answers with the problem that the failure maps to; aborts a response that has already started.
   * What the application's own function has thrown is answered by the application.
   */
  static void respond(HttpServerRequest request, Throwable failure) {
    if (failure instanceof PrincipalFailed ofApplication) {
      MountedRequest.context(request).fail(ofApplication.getCause());
      return;
    }
    Problem.of(failure).respond(request);
  }

  /** Runs a callback on behalf of a request, and ends the request if the callback throws. */
  static void guard(HttpServerRequest request, Runnable callback) {
    try {
      callback.run();
    } catch (RuntimeException | Error e) {
      respond(request, e);
    }
  }
}
