package io.tidings.http;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;

/**
 * The door under {@code /events}: finds out who wants to hear and who wants to publish. What is
 * thrown behind it is for {@link FailureHandler}.
 */
final class EventsRoute implements Handler<HttpServerRequest> {
  private static final String PATH = "/events";

  private final AllowedOrigins origins;
  private final SubscribeRoute subscribe;
  private final PublishRoute publish;

  EventsRoute(AllowedOrigins origins, SubscribeRoute subscribe, PublishRoute publish) {
    this.origins = origins;
    this.subscribe = subscribe;
    this.publish = publish;
  }

  /** Whether the request is for this door. */
  static boolean leadsTo(HttpServerRequest request) {
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
      origins.preflight(request);
    } else {
      request.response().putHeader(HttpHeaders.ALLOW, "GET, HEAD, POST, OPTIONS");
      throw Problem.of(405, "method: must be GET to hear, or POST to publish");
    }
  }

  /**
   * The topic after {@code /events/}, with its percent-encoding undone; nothing where the path ends
   * before it.
   */
  private static Optional<String> topic(String path) {
    if (path.length() == PATH.length()) {
      return Optional.empty();
    }
    String encoded = path.substring(PATH.length() + 1);
    if (encoded.indexOf('/') >= 0) {
      throw Problem.of(404, "path: must be /events/{topic}, and a / within the topic %2F");
    }
    return Optional.of(QueryParameters.decode("topic", encoded));
  }
}
