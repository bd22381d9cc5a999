package io.tidings.http;

import io.tidings.metrics.Metrics;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/** Answers machines that ask how the hub is: alive, ready for streams, and its figures. */
final class StatusRoute {
  private final Readiness readiness;
  private final Metrics metrics;

  private StatusRoute(Readiness readiness, Metrics metrics) {
    this.readiness = readiness;
    this.metrics = metrics;
  }

  static void mount(Router router, Readiness readiness, Metrics metrics) {
    var route = new StatusRoute(readiness, metrics);
    get(router, "/metrics").handler(route::figures);
    get(router, "/health/live").handler(context -> answer(context, 200, "UP"));
    get(router, "/health/ready").handler(route::ready);
  }

  private static Route get(Router router, String path) {
    return router.route(path).method(HttpMethod.GET).method(HttpMethod.HEAD);
  }

  /**
   * Not on the event loop: the first reading loads what it needs, and a large one takes its time
   * too.
   */
  private void figures(RoutingContext context) {
    context
        .vertx()
        .executeBlocking(metrics::text)
        .onSuccess(text -> answerFigures(context, text))
        .onFailure(context::fail);
  }

  private static void answerFigures(RoutingContext context, String text) {
    context
        .response()
        .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .end(text);
  }

  private void ready(RoutingContext context) {
    boolean ready = readiness.ready();
    answer(context, ready ? 200 : 503, ready ? "UP" : "DOWN: " + readiness.reason());
  }

  private static void answer(RoutingContext context, int status, String text) {
    context
        .response()
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .end(new JsonObject().put("status", text).encode());
  }
}
