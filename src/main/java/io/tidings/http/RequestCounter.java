package io.tidings.http;

import io.tidings.access.Access;
import io.tidings.access.Caller;
import io.tidings.access.ClientGuard;
import io.tidings.auth.Principal;
import io.tidings.metrics.Door;
import io.tidings.metrics.Outcome;
import io.tidings.metrics.Refusal;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;

/**
 * Precedes all routes and counts requests by door and outcome when the head of their response is
 * written; a stream counts when it begins. A request that ends without a response is not counted.
 * Also reports requests that were refused because of their host or origin. Confined to one event
 * loop.
 */
final class RequestCounter implements Handler<HttpServerRequest> {
  private static final int MISDIRECTED = 421;

  private final ClientGuard guard;
  private final TrustedProxies proxies;
  private final Handler<HttpServerRequest> routes;

  RequestCounter(ClientGuard guard, TrustedProxies proxies, Handler<HttpServerRequest> routes) {
    this.guard = guard;
    this.proxies = proxies;
    this.routes = routes;
  }

  @Override
  public void handle(HttpServerRequest request) {
    request.response().headersEndHandler(headers -> answered(request));
    try {
      routes.handle(request);
    } catch (Problem e) {
      e.takeRefusal().ifPresent(reason -> guard.refused(access(request), reason, ""));
      throw e;
    }
  }

  private void answered(HttpServerRequest request) {
    request.response().headersEndHandler(null); // not held for the lifetime of a stream
    int status = request.response().getStatusCode();
    guard.requests().answered(door(request), Outcome.of(status));
    if (status == MISDIRECTED) {
      guard.refused(access(request), Refusal.HOST, "");
    }
  }

  private Access access(HttpServerRequest request) {
    var caller = new Caller(Principal.UNKNOWN, proxies.clientAddress(request));
    return Access.withoutTopic(door(request), caller);
  }

  /** The door at which a request arrives. */
  static Door door(HttpServerRequest request) {
    if (EventsRoute.matches(request)) {
      return events(request);
    }
    String path = request.path() == null ? "" : request.path();
    return switch (path) {
      case "/stats" -> Door.STATS;
      case "/probe" -> Door.PROBE;
      case "/session" -> Door.SESSION;
      case TicketRoute.PATH -> Door.TICKETS;
      case "/revocations" -> Door.REVOCATIONS;
      case "/streams" -> Door.STREAMS;
      case "/publishers" -> Door.PUBLISHERS;
      case "/cluster" -> Door.CLUSTER;
      case "/metrics" -> Door.METRICS;
      case "/health/live", "/health/ready" -> Door.HEALTH;
      default -> below(request, path);
    };
  }

  private static Door below(HttpServerRequest request, String path) {
    if (path.startsWith(StreamRoute.PATH)) {
      return request.method() == HttpMethod.DELETE ? Door.STREAMS : Door.STREAM;
    }
    if (path.startsWith(PresenceRoute.PATH)) {
      return Door.PRESENCE;
    }
    return path.startsWith("/scenes/") ? Door.SCENES : Door.PAGES;
  }

  private static Door events(HttpServerRequest request) {
    if (request.method() == HttpMethod.POST) {
      return request.path().length() > EventsRoute.PATH.length() ? Door.PUBLISH : Door.BATCH;
    }
    if (WebSocketRoute.matches(request)) {
      return Door.WEBSOCKET;
    }
    return ResponseFormat.find(request).map(ResponseFormat::door).orElse(Door.STREAM);
  }
}
