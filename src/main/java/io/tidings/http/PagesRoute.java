package io.tidings.http;

import io.netty.handler.codec.http2.Http2Exception;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.StreamResetException;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.StaticHandler;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Serves the pages and the libraries that they use, and answers requests that no route matches.
 * Mounted last.
 */
final class PagesRoute {
  /** Where the hub's own pages are on the class path. */
  static final String FOLDER = "io/tidings/webroot";

  private static final long YEAR_SECONDS = TimeUnit.DAYS.toSeconds(365);

  private PagesRoute() {}

  /**
   * @param folders of pages, on the class path or beside the process; the files of the first come
   *     first
   */
  static void mount(Router router, List<String> folders) {
    // each version of a library has its own path, so it can be cached for long
    getOrHead(router.route("/webjars/*"))
        .handler(new PageHeaders("META-INF/resources/webjars", "/webjars"))
        .handler(StaticHandler.create("META-INF/resources/webjars").setMaxAgeSeconds(YEAR_SECONDS));
    getOrHead(router.route("/scenes")).handler(PagesRoute::redirectToFolder);
    getOrHead(router.route()).handler(PagesRoute::revalidate);
    folders.forEach(folder -> mount(router, folder));
    router.errorHandler(404, context -> problem(context, 404, "path: not found"));
    router.errorHandler(405, context -> methodNotAllowed(router, context));
    router.errorHandler(
        400,
        context ->
            problem(context, 400, "request: malformed; HTTP/1.1 requires a path and a Host"));
    router.errorHandler(500, PagesRoute::handleFailure);
  }

  private static void mount(Router router, String folder) {
    getOrHead(router.route())
        .handler(new PageHeaders(folder, ""))
        .handler(StaticHandler.create(folder).setCachingEnabled(false).setIncludeHidden(false));
  }

  private static Route getOrHead(Route route) {
    return route.method(HttpMethod.GET).method(HttpMethod.HEAD);
  }

  /**
   * Redirects to the folder with a trailing slash. The location is relative, so that it also works
   * behind a path prefix.
   */
  static void redirectToFolder(RoutingContext context) {
    String path = context.request().path();
    if (path.endsWith("/")) {
      context.next();
    } else {
      String folder = path.substring(path.lastIndexOf('/') + 1) + "/";
      context.response().setStatusCode(301).putHeader(HttpHeaders.LOCATION, folder).end();
    }
  }

  /**
   * Lets clients cache pages but revalidate them, since another version of the hub may have other
   * pages.
   */
  private static void revalidate(RoutingContext context) {
    context.response().putHeader(HttpHeaders.CACHE_CONTROL, "no-cache");
    context.next();
  }

  private static void methodNotAllowed(Router router, RoutingContext context) {
    String allowed = AllowedMethods.of(router, context.normalizedPath());
    context.response().putHeader(HttpHeaders.ALLOW, allowed);
    problem(context, 405, "method: must be one of " + allowed);
  }

  private static void handleFailure(RoutingContext context) {
    Throwable failure = context.failure();
    boolean clientDisconnected =
        failure instanceof HttpClosedException
            || failure instanceof StreamResetException
            || failure instanceof Http2Exception
            || failure instanceof IOException && context.response().headWritten();
    if (!clientDisconnected) {
      FailureHandler.respond(context.request(), failure);
    }
  }

  private static void problem(RoutingContext context, int status, String detail) {
    Problem.of(status, detail).send(context.request());
  }
}
