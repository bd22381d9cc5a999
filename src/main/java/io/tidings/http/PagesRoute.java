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
import java.util.concurrent.TimeUnit;

/**
 * Serves the pages and the libraries that they use, and says what is wrong where there is nothing
 * to serve. Mounted last.
 */
final class PagesRoute {
  private static final long YEAR_SECONDS = TimeUnit.DAYS.toSeconds(365);

  private PagesRoute() {}

  static void mount(Router router) {
    // each version of a library has a path of its own
    get(router.route("/webjars/*"))
        .handler(new PageHeaders("META-INF/resources/webjars", "/webjars"))
        .handler(StaticHandler.create("META-INF/resources/webjars").setMaxAgeSeconds(YEAR_SECONDS));
    get(router.route("/scenes")).handler(PagesRoute::intoFolder);
    get(router.route())
        .handler(PagesRoute::revalidate)
        .handler(new PageHeaders("webroot", ""))
        .handler(StaticHandler.create("webroot").setCachingEnabled(false).setIncludeHidden(false));
    router.errorHandler(404, context -> problem(context, 404, "path: there is nothing here"));
    router.errorHandler(405, PagesRoute::onlyGet);
    router.errorHandler(
        400,
        context ->
            problem(context, 400, "request: can't be read; HTTP/1.1 wants a path and a Host"));
    router.errorHandler(500, PagesRoute::failed);
  }

  private static Route get(Route route) {
    return route.method(HttpMethod.GET).method(HttpMethod.HEAD);
  }

  /** Leads to the folder's own page by a way that is right behind a path prefix too. */
  private static void intoFolder(RoutingContext context) {
    String path = context.request().path();
    if (path.endsWith("/")) {
      context.next();
    } else {
      String folder = path.substring(path.lastIndexOf('/') + 1) + "/";
      context.response().setStatusCode(301).putHeader(HttpHeaders.LOCATION, folder).end();
    }
  }

  /**
   * Pages may be kept, but not used without asking: the next version of the hub may bring others.
   */
  private static void revalidate(RoutingContext context) {
    context.response().putHeader(HttpHeaders.CACHE_CONTROL, "no-cache");
    context.next();
  }

  private static void onlyGet(RoutingContext context) {
    context.response().putHeader(HttpHeaders.ALLOW, "GET, HEAD");
    problem(context, 405, "method: must be GET here");
  }

  private static void failed(RoutingContext context) {
    Throwable failure = context.failure();
    boolean clientLeft =
        failure instanceof HttpClosedException
            || failure instanceof StreamResetException
            || failure instanceof Http2Exception
            || failure instanceof IOException && context.response().headWritten();
    if (!clientLeft) {
      FailureHandler.answer(context.request(), failure);
    }
  }

  private static void problem(RoutingContext context, int status, String detail) {
    Problem.of(status, detail).send(context.response());
  }
}
