package io.tidings.http;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;

/**
 * The routes under {@code /events}: dispatches to subscribing or publishing by method. Exceptions
 * are handled by {@link FailureHandler}.
 */
final class EventsRoute implements Handler<HttpServerRequest> {
  static final String PATH = "/events";

  private final AllowedOrigins origins;
  private final SubscribeRoute subscribe;
  private final PublishRoute publish;

  EventsRoute(AllowedOrigins origins, SubscribeRoute subscribe, PublishRoute publish) {
    this.origins = origins;
    this.subscribe = subscribe;
    this.publish = publish;
  }

  /** Whether the path of the request belongs to this route. */
  static boolean matches(HttpServerRequest request) {
    String path = request.path();
    return path != null
        && path.startsWith(PATH)
        && (path.length() == PATH.length() || path.charAt(PATH.length()) == '/');
  }

  @Override
  public void handle(HttpServerRequest request) {
    Optional<String> topic = topic(request.path());
    QueryParameters query = QueryParameters.parse(request.query());
    HttpMethod method = request.method();
    if (method == HttpMethod.GET || method == HttpMethod.HEAD) {
      subscribe.handle(request, topic, query);
    } else if (method == HttpMethod.POST) {
      origins.checkPublishing(request);
      publish.handle(request, topic, query);
    } else if (method == HttpMethod.OPTIONS) {
      origins.answerPreflight(request);
    } else {
      request.response().putHeader(HttpHeaders.ALLOW, "GET, HEAD, POST, OPTIONS");
      throw Problem.of(405, "method: must be GET to subscribe, or POST to publish");
    }
  }

  /** The percent-decoded topic after {@code /events/}; empty if the path ends before it. */
  private static Optional<String> topic(String path) {
    if (path.length() == PATH.length()) {
      return Optional.empty();
    }
    String encoded = path.substring(PATH.length() + 1);
    if (encoded.indexOf('/') >= 0) {
      throw Problem.of(404, "path: must be /events/{topic}; encode a / in the topic as %2F");
    }
    return Optional.of(QueryParameters.decode("topic", encoded));
  }
}
