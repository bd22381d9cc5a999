package io.tidings.http;

import io.netty.channel.EventLoop;
import io.tidings.auth.Principal;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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
      context
          .context()
          .runOnContext(
              start ->
                  routes
                      .drain()
                      .onComplete(drained -> routes.end())
                      .<Void>mapEmpty()
                      .onComplete(closed));
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
    if (closed) {
      Problem.of(503, "the hub is closed").send(context.request());
    } else {
      loops.computeIfAbsent(EventLoopContext.current(vertx), this::open).handle(context);
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

  /** Ends all streams; completes when they have ended. Requests are answered 503 from now on. */
  public Future<Void> close() {
    closed = true;
    return Future.join(loops.values().stream().map(MountedLoop::close).toList()).mapEmpty();
  }
}
