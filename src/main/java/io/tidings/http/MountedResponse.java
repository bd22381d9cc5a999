package io.tidings.http;

import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;

/** The response to a {@link MountedRequest}. */
interface MountedResponse extends HttpServerResponse {
  /** The context in which the application's router handles the request. */
  RoutingContext routingContext();
}
