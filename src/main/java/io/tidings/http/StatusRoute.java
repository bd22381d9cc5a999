package io.tidings.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/** Answers machines that ask how the hub is: alive, and ready for streams. */
final class StatusRoute {
  private final Readiness readiness;

  private StatusRoute(Readiness readiness) {
    this.readiness = readiness;
  }

  static void mount(Router router, Readiness readiness) {
    var route = new StatusRoute(readiness);
    router.get("/health/live").handler(context -> answer(context, 200, "UP"));
    router.get("/health/ready").handler(route::ready);
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
