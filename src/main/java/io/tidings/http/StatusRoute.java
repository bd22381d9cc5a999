package io.tidings.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/** Endpoints for monitoring: liveness, readiness, metrics and cluster nodes. */
final class StatusRoute {
  private final HubStatus standing;

  private StatusRoute(HubStatus standing) {
    this.standing = standing;
  }

  static void mount(Router router, HubStatus standing) {
    var route = new StatusRoute(standing);
    get(router, "/cluster").handler(route::cluster);
    get(router, "/metrics").handler(route::figures);
    get(router, "/health/live").handler(context -> answer(context, 200, "UP"));
    get(router, "/health/ready").handler(route::ready);
  }

  private static Route get(Router router, String path) {
    return router.route(path).method(HttpMethod.GET).method(HttpMethod.HEAD);
  }

  /** Runs on a worker thread: the first scrape loads classes, and a large one takes long. */
  private void figures(RoutingContext context) {
    context
        .vertx()
        .executeBlocking(standing.metrics()::text)
        .<Void>map(text -> answerFigures(context, text)) // an exception fails the future
        .onFailure(context::fail);
  }

  private static Void answerFigures(RoutingContext context, String text) {
    context
        .response()
        .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .end(text);
    return null;
  }

  private void ready(RoutingContext context) {
    Readiness readiness = standing.readiness();
    boolean ready = readiness.ready();
    answer(context, ready ? 200 : 503, ready ? "UP" : "DOWN: " + readiness.reason());
  }

  private void cluster(RoutingContext context) {
    answer(context, 200, standing.cluster().get());
  }

  private static void answer(RoutingContext context, int status, String text) {
    answer(context, status, new JsonObject().put("status", text));
  }

  private static void answer(RoutingContext context, int status, JsonObject json) {
    context
        .response()
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .end(json.encode());
  }
}
