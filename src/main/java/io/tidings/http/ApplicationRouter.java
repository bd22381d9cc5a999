package io.tidings.http;

import io.netty.channel.EventLoop;
import io.tidings.auth.Principal;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;

/**
 * The routes of the hub for the servers of an application. Each event loop at which a request
 * arrives gets a {@link HubLoop} of its own, which stays until {@link #close}. Any thread.
 */
public final class ApplicationRouter {
  private final Vertx vertx;
  private final HubParts parts;
  private final Function<RoutingContext, Principal> principals;
  private final Map<EventLoop, MountedLoop> loops = new ConcurrentHashMap<>();
  private volatile boolean closed;

  /**
   * @param principals who makes a request; null for whoever has not been identified
   */
  public ApplicationRouter(
      Vertx vertx, HubParts parts, Function<RoutingContext, Principal> principals) {
    this.vertx = vertx;
    this.parts = parts;
    this.principals = principals;
  }

  /** A loop of the hub, with a context of its own. */
  private record MountedLoop(EventLoopContext context, HubLoop routes) {
    void handle(RoutingContext request) {
      context.call(
          () -> {
            routes.handler().handle(new MountedRequest(request));
            return null;
          });
    }

    /** Ends the streams, spread over {@code stream.drain}. */
    Future<Void> close() {
      Promise<Void> closed = Promise.promise();
      try {
        context
            .context()
            .runOnContext(
                start ->
                    routes
                        .drain()
                        .onComplete(drained -> routes.end())
                        .<Void>mapEmpty()
                        .onComplete(closed));
      } catch (RejectedExecutionException e) {
        closed.complete(); // its event loop has ended, and its streams with it
      }
      return closed.future();
    }
  }

  /** A router to mount in that of the application. */
  public Router router() {
    Router router = Router.router(vertx);
    router.route().handler(this::handle);
    return router;
  }

  private void handle(RoutingContext context) {
    // a handler before may have paused it; what was received comes in a later task
    context.request().resume();
    if (closed) {
      refuse(context);
      return;
    }
    if (namesFolder(context)) {
      PagesRoute.redirectToFolder(context);
      return;
    }
    EventLoop current = EventLoopContext.current(vertx);
    MountedLoop loop = loops.computeIfAbsent(current, this::open);
    if (closed && loops.remove(current, loop)) { // opened after close() has looked
      loop.close();
    }
    loop.handle(context);
  }

  /**
   * Whether it asks for the mount point without a slash, below which no link of a page is right.
   */
  private static boolean namesFolder(RoutingContext context) {
    String path = context.normalizedPath();
    HttpMethod method = context.request().method();
    return !path.endsWith("/")
        && MountedRequest.below(context.mountPoint(), path).equals("/")
        && (method == HttpMethod.GET || method == HttpMethod.HEAD);
  }

  /** A client with EventSource gives up after any status but 200, and opens a lost stream again. */
  private static void refuse(RoutingContext context) {
    var request = new MountedRequest(context);
    boolean stream = EventsRoute.matches(request) || StatsRoute.matches(request);
    if (stream && request.method() == HttpMethod.GET) {
      SubscribeRoute.refuse(request);
    } else {
      Problem.of(503, "the hub is closed").send(context.request());
    }
  }

  private MountedLoop open(EventLoop loop) {
    EventLoopContext context = EventLoopContext.of(vertx, loop);
    HubLoop routes =
        context.call(
            () ->
                new HubLoop(
                    context.context(),
                    parts,
                    (shared, proxies, origins, limits) ->
                        new ApplicationDoors(shared.authenticator(), principals)));
    return new MountedLoop(context, routes);
  }

  /**
   * Ends all streams; completes when they have ended. From now on streams are refused by the loss
   * of their connection, and other requests by 503.
   */
  public Future<Void> close() {
    closed = true;
    return Future.join(
            loops.keySet().stream()
                .map(loops::remove)
                .filter(Objects::nonNull) // each is closed once
                .map(MountedLoop::close)
                .toList())
        .mapEmpty();
  }
}
