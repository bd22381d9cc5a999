package io.tidings.http;

import io.tidings.metrics.Door;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/** Endpoints for monitoring: liveness, readiness, metrics and cluster nodes. */
final class StatusRoute {
  private final HubStatus hubStatus;

  private StatusRoute(HubStatus hubStatus) {
    this.hubStatus = hubStatus;
  }

  static void mount(Router router, HubStatus hubStatus, AccessControl access) {
    var route = new StatusRoute(hubStatus);
    getOrHead(router, "/cluster").handler(access.ofHubsOwn(Door.CLUSTER)).handler(route::cluster);
    getOrHead(router, "/metrics").handler(access.ofHubsOwn(Door.METRICS)).handler(route::metrics);
    getOrHead(router, "/health/live").handler(route::live);
    getOrHead(router, "/health/ready").handler(route::ready);
  }

  private static Route getOrHead(Router router, String path) {
    return router.route(path).method(HttpMethod.GET).method(HttpMethod.HEAD);
  }

  /** Runs on a worker thread: the first scrape loads classes, and a large one takes long. */
  private void metrics(RoutingContext context) {
    context
        .vertx()
        .executeBlocking(hubStatus.metrics()::text)
        .<Void>map(text -> sendMetrics(context, text)) // an exception fails the future
        .onFailure(context::fail);
  }

  private static Void sendMetrics(RoutingContext context, String text) {
    context
        .response()
        .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    Answer.end(context.request(), text);
    return null;
  }

  private void live(RoutingContext context) {
    Readiness readiness = hubStatus.readiness();
    sendHealth(context, readiness.alive(), readiness.reason());
  }

  private void ready(RoutingContext context) {
    Readiness readiness = hubStatus.readiness();
    sendHealth(context, readiness.ready(), readiness.reason());
  }

  private static void sendHealth(RoutingContext context, boolean up, String reason) {
    send(context, up ? 200 : 503, up ? "UP" : "DOWN: " + reason);
  }

  private void cluster(RoutingContext context) {
    send(context, 200, hubStatus.cluster().get());
  }

  private static void send(RoutingContext context, int status, String text) {
    send(context, status, new JsonObject().put("status", text));
  }

  private static void send(RoutingContext context, int status, JsonObject json) {
    context
        .response()
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    Answer.end(context.request(), json.encode());
  }
}
