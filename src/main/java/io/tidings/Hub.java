package io.tidings;

import io.tidings.auth.Principal;
import io.tidings.bus.ContextFutures;
import io.tidings.event.Event;
import io.tidings.event.Filter;
import io.tidings.event.Publication;
import io.tidings.event.ResumeRequest;
import io.tidings.event.Selection;
import io.tidings.http.ApplicationRouter;
import io.tidings.log.Entry;
import io.tidings.settings.AuthMode;
import io.tidings.settings.InvalidSetting;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * An event hub in an application: events are published to topics and stored in a log, and every
 * subscriber receives them in order, each once, and after a pause exactly what it has missed.
 *
 * <pre>{@code
 * Hub.open(vertx, Map.of("log", Map.of("dir", "data")))
 *     .onSuccess(hub -> {
 *       router.route("/live/*").subRouter(hub.router(context -> principalOf(context)));
 *       hub.publish(Event.of("news", "it rains"));
 *     });
 * }</pre>
 *
 * <p>A Vert.x can have several hubs, each with a log of its own. Any thread.
 */
public final class Hub {
  private final Vertx vertx;
  private final HubLifecycle lifecycle;
  private final Set<ApplicationRouter> routers = ConcurrentHashMap.newKeySet();
  private final Set<LogSubscription> subscriptions = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  private Hub(Vertx vertx, HubLifecycle lifecycle) {
    this.vertx = vertx;
    this.lifecycle = lifecycle;
    lifecycle.beforeStop(this::end);
  }

  /**
   * Opens a hub. It is closed with the verticle that opens it, or else with the Vert.x, or by
   * {@link #close}. A Vert.x that is closed closes the application's servers at the same time, so
   * that streams are cut: close the hub before, or open it in a verticle.
   *
   * @param settings as in {@code conf/config.yaml}, in nested maps or by dotted keys; those of the
   *     HTTP server, the process's log, and the producer are the application's own. Unless they are
   *     given, {@code bus.publish} is off
   * @return fails with {@link InvalidSetting}, which names the setting and the rule, or if the log
   *     can't be opened, or Vert.x is older than 5.1
   */
  public static Future<Hub> open(Vertx vertx, Map<String, ?> settings) {
    Objects.requireNonNull(vertx, "vertx");
    Objects.requireNonNull(settings, "settings");
    return Future.succeededFuture()
        .map(
            start -> {
              VertxVersion.check();
              return new HubLifecycle(ApplicationSettings.of(settings));
            })
        .compose(lifecycle -> vertx.deployVerticle(lifecycle).map(id -> new Hub(vertx, lifecycle)));
  }

  /** As {@link #open(Vertx, Map)}, with settings such as the {@code config()} of a verticle. */
  public static Future<Hub> open(Vertx vertx, JsonObject settings) {
    return open(vertx, settings.getMap());
  }

  /**
   * The hub over HTTP, to mount as a sub-router at any path, in any number of servers: streams,
   * publishing, polls, WebSockets, status and pages, as under the root of a hub with a server of
   * its own. Handlers before it may authenticate, have sessions, and read the body if they hand it
   * on, as {@code BodyHandler} does. The servers' verticles must run on event loops. A router that
   * a verticle makes ends with that verticle.
   *
   * @param principals who makes a request, and what they may do, as the handlers before have found
   *     out; null for whoever has what {@code auth.anonymous} grants. Called on the event loop for
   *     each request; must not block. What it throws is the failure of the routing context
   */
  public Router router(Function<RoutingContext, Principal> principals) {
    var router =
        new ApplicationRouter(
            vertx, lifecycle.node().parts(), Objects.requireNonNull(principals, "principals"));
    routers.add(router);
    Context caller = Vertx.currentContext();
    if (caller != null) {
      VerticleEnd.call(caller, () -> closeRouter(router));
    }
    if (closed) {
      router.close();
    }
    return router.router();
  }

  private Future<Void> closeRouter(ApplicationRouter router) {
    routers.remove(router);
    return router.close();
  }

  /**
   * The hub over HTTP, for everybody.
   *
   * @throws InvalidSetting unless {@code auth.mode} is open
   */
  public Router router() {
    AuthMode mode = lifecycle.settings().auth().mode();
    if (mode != AuthMode.OPEN) {
      throw InvalidSetting.of(
          "auth.mode",
          mode.name().toLowerCase(Locale.ROOT),
          "must be open for a router that lets everybody do everything; or give it a function that"
              + " tells who makes a request: hub.router(context -> ...)");
    }
    return router(context -> Principal.HUB);
  }

  /**
   * Publishes an event.
   *
   * @return its id, when it is stored as durably as configured. Fails with {@link
   *     io.tidings.event.InvalidEvent} if a field breaks a rule, with {@link
   *     io.tidings.log.OutcomeUnknown} if the event may have been stored, and with any other {@link
   *     io.tidings.log.LogUnavailable} if it was not
   */
  public Future<String> publish(Event event) {
    Objects.requireNonNull(event, "event");
    return publish(Publication.of(List.of(event))).map(ids -> ids.get(0));
  }

  /**
   * Publishes all events of a publication or none. With a key or ids to compare, it is safe to
   * repeat one whose outcome is unknown.
   *
   * @return the ids in the order of the events; fails as {@link #publish(Event)}
   */
  public Future<List<String>> publish(Publication publication) {
    Objects.requireNonNull(publication, "publication");
    return Future.succeededFuture()
        .compose(start -> lifecycle.node().intake().publish(Principal.HUB, publication))
        .map(entries -> entries.stream().map(Entry::id).toList());
  }

  /**
   * Opens a stream of events, which begins to flow when it gets a handler. Its handlers are called
   * on the context of the caller.
   *
   * @param filter topics and globs; the stream has private events too
   * @param from where to begin
   * @return the stream, when the place at which it begins is known: it receives what is published
   *     afterwards
   */
  public Future<Subscription> subscribe(Filter filter, ResumeRequest from) {
    Objects.requireNonNull(filter, "filter");
    Objects.requireNonNull(from, "from");
    Context context = vertx.getOrCreateContext();
    Selection selection = Selection.all(filter);
    if (closed) {
      return Future.failedFuture(new IllegalStateException("the hub is closed"));
    }
    var parts = lifecycle.node().parts();
    return ContextFutures.of(parts.log().find(from, selection, selection))
        .map(
            start ->
                new LogSubscription(
                    context, parts.log(), parts.feed(), selection, start, subscriptions::remove))
        .onSuccess(this::add)
        .map(opened -> opened);
  }

  /**
   * As {@link #subscribe(Filter, ResumeRequest)}, with a handler. Gaps are logged; to be told of
   * one at the beginning too, set {@link Subscription#gapHandler} before the handler.
   */
  public Future<Subscription> subscribe(
      Filter filter, ResumeRequest from, Handler<StoredEvent> handler) {
    return subscribe(filter, from).onSuccess(opened -> opened.handler(handler));
  }

  /** The number of open streams of clients. */
  public int streams() {
    return lifecycle.node().streams();
  }

  private void add(LogSubscription subscription) {
    subscriptions.add(subscription);
    if (closed) {
      subscription.end();
    }
  }

  /**
   * Ends all streams, spread over {@code stream.drain}, and closes the log. Its routers refuse
   * streams by the loss of their connection from then on, so that browsers open them again, and
   * answer other requests 503.
   */
  public Future<Void> close() {
    return lifecycle.close();
  }

  private Future<Void> end() {
    closed = true;
    subscriptions.forEach(LogSubscription::end);
    return Future.join(routers.stream().map(ApplicationRouter::close).toList()).mapEmpty();
  }
}
