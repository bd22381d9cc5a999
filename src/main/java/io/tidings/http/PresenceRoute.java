package io.tidings.http;

import io.tidings.access.Access;
import io.tidings.auth.NotGranted;
import io.tidings.auth.Principal;
import io.tidings.auth.TopicRights;
import io.tidings.bus.ContextFutures;
import io.tidings.event.InvalidEvent;
import io.tidings.event.TopicPattern;
import io.tidings.metrics.Door;
import io.tidings.presence.Presence;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.Set;

/**
 * The route {@code GET /presence/{topic}}: who is present at a topic, for those who may read it.
 * The names need a grant of their own. Confined to one event loop.
 */
final class PresenceRoute {
  static final String PATH = "/presence/";

  private static final String TOPIC = "topic";
  private static final String LIMIT = "limit";
  private static final int MAX_MEMBERS = 1_000;

  private final Optional<Presence> presence;
  private final AccessControl access;
  private final AllowedOrigins origins;

  private PresenceRoute(Optional<Presence> presence, AccessControl access, AllowedOrigins origins) {
    this.presence = presence;
    this.access = access;
    this.origins = origins;
  }

  /**
   * @param presence empty if the hub knows of no topic who is present
   */
  static void mount(
      Router router, Optional<Presence> presence, AccessControl access, AllowedOrigins origins) {
    var route = new PresenceRoute(presence, access, origins);
    router.get(PATH + ":" + TOPIC).handler(route::handle);
    router.head(PATH + ":" + TOPIC).handler(route::handle);
    router
        .options(PATH + ":" + TOPIC)
        .handler(context -> origins.answerPreflight(context.request()));
  }

  private void handle(RoutingContext context) {
    HttpServerRequest request = context.request();
    origins.allowSubscribing(request);
    QueryParameters parameters = QueryParameters.parse(request.query());
    AdminRequests.checkParameters(parameters, Set.of(LIMIT));
    int limit = AdminRequests.limit(parameters, MAX_MEMBERS, MAX_MEMBERS);
    String topic = topic(context);
    access.enter(
        Door.PRESENCE,
        request,
        principal -> {
          checkMayRead(principal, topic);
          Presence known = presence.filter(all -> all.has(topic)).orElseThrow(this::unknown);
          Access asked = Access.toTopic(Door.PRESENCE, access.caller(principal, request), topic);
          access.guard().countOpen(asked);
          access.guard().allowed(() -> asked);
          int names = principal.grants().presence() ? limit : 0;
          AdminRequests.answer(
              request, ContextFutures.of(known.state(topic)).map(state -> state.json(names)));
        });
  }

  /**
   * @throws InvalidEvent if it is not the name of a topic
   */
  private static String topic(RoutingContext context) {
    String path = context.normalizedPath(); // by which the route was chosen
    String topic = QueryParameters.decode(TOPIC, path.substring(PATH.length()));
    if (!new TopicPattern(topic).exact()) {
      throw new InvalidEvent(TOPIC, "must be the name of a topic, without *");
    }
    return topic;
  }

  private static void checkMayRead(Principal principal, String topic) {
    if (!TopicRights.mayRead(principal, topic)) {
      throw NotGranted.subscribe(principal, topic);
    }
  }

  private Problem unknown() {
    return Problem.of(
        404,
        presence.isEmpty()
            ? "presence: the setting presence.topics is empty, so the hub does not know who is present"
            : "presence: the topic is not in the setting presence.topics");
  }
}
