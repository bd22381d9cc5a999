package io.tidings.http;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.internal.http.HttpServerRequestInternal;
import io.vertx.core.internal.http.HttpServerRequestWrapper;
import io.vertx.ext.web.RoutingContext;

/**
 * A request to an application's router as the hub's routes see it: its path begins below the place
 * where they are mounted, and its response leaves the handlers of others alone.
 */
final class MountedRequest extends HttpServerRequestWrapper {
  private final String path;
  private final MountedResponse response;

  /** The request of a context whose route is that of the hub. */
  MountedRequest(RoutingContext context) {
    super((HttpServerRequestInternal) context.request());
    this.path = below(context.mountPoint(), context.normalizedPath());
    this.response = ResponseHandlers.mounted(context);
  }

  /** What is left of a path below a mount point; begins with a slash. */
  static String below(String mountPoint, String path) {
    String mounted = mountPoint == null ? "" : mountPoint.replaceFirst("/$", "");
    String rest = path.substring(mounted.length());
    return rest.isEmpty() ? "/" : rest;
  }

  /**
   * The context of a request, also of one that a router has wrapped again.
   *
   * @throws ClassCastException if it is none of an application's router
   */
  static RoutingContext context(HttpServerRequest request) {
    return ((MountedResponse) request.response()).routingContext();
  }

  @Override
  public String path() {
    return path;
  }

  @Override
  public HttpServerResponse response() {
    return response;
  }
}
