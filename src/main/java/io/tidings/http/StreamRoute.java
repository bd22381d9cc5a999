package io.tidings.http;

import io.tidings.access.Access;
import io.tidings.auth.NotGranted;
import io.tidings.auth.Principal;
import io.tidings.bus.Admission;
import io.tidings.bus.ContextFutures;
import io.tidings.cluster.AllNodes;
import io.tidings.event.Filter;
import io.tidings.event.InvalidEvent;
import io.tidings.event.TopicPattern;
import io.tidings.fanout.OpenStreams;
import io.tidings.fanout.Renewal;
import io.tidings.fanout.RenewalResult;
import io.tidings.fanout.Renewals;
import io.tidings.fanout.StreamId;
import io.tidings.log.raft.SettingsInForce;
import io.tidings.metrics.Door;
import io.tidings.metrics.Refusal;
import io.tidings.settings.LimitSettings;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The route {@code POST /streams/{id}}: gives an open stream the rights of another token of the
 * same principal, and perhaps other topics. The stream may be open at any node: this one
 * authenticates the client, and the one that has the stream believes it. Confined to one event
 * loop.
 */
public final class StreamRoute {
  static final String PATH = "/streams/";

  private static final String ID = "id";

  /** The question to other nodes. */
  private static final String RENEW = "renew-stream";

  private final Renewals renewals;
  private final AllNodes nodes;
  private final Supplier<LimitSettings> limits;
  private final AdmittedBodies bodies;
  private final AccessControl access;
  private final AllowedOrigins origins;

  private StreamRoute(
      HubStatus status,
      Settings settings,
      Admission bodies,
      AccessControl access,
      AllowedOrigins origins) {
    this.renewals = new Renewals(status.streams());
    this.nodes = status.nodes();
    this.limits = SettingsInForce.limits(nodes.voters(), settings.limits());
    this.bodies = new AdmittedBodies(bodies, settings.http().upload());
    this.access = access;
    this.origins = origins;
  }

  /**
   * @param bodies admits bodies as far as there is memory for them
   */
  static void mount(
      Router router,
      HubStatus status,
      Settings settings,
      Admission bodies,
      AccessControl access,
      AllowedOrigins origins) {
    var route = new StreamRoute(status, settings, bodies, access, origins);
    router.post(PATH + ":" + ID).handler(route::handle);
    router
        .options(PATH + ":" + ID)
        .handler(context -> origins.answerPreflightOfStream(context.request()));
  }

  /** Makes a node renew its own streams for the others. Called once for each node. */
  public static void answer(AllNodes nodes, OpenStreams streams) {
    nodes.answer(RENEW, new Renewals(streams)::answer);
  }

  private void handle(RoutingContext context) {
    HttpServerRequest request = context.request();
    origins.checkChanging(request);
    Optional<StreamId> id = StreamId.parse(context.pathParam(ID));
    access.enter(
        Door.STREAM,
        request,
        principal -> {
          if (RequestPrincipals.byCookie(request, principal)) {
            origins.checkSession(request);
          }
          checkMayRead(principal);
          Access asked = access.of(Door.STREAM, principal, request);
          access.guard().countOpen(asked);
          renew(request, asked, id.orElseThrow(StreamRoute::unknown));
        });
  }

  /** Whoever may read nothing has no stream, and is not told which there are. */
  private static void checkMayRead(Principal principal) {
    boolean readsNothing = principal.grants().readsNothing();
    if (readsNothing && principal.identified()) {
      throw NotGranted.right(principal, "a topic to subscribe to");
    } else if (readsNothing) {
      throw noToken();
    }
  }

  private void renew(HttpServerRequest request, Access asked, StreamId id) {
    Principal principal = asked.caller().principal();
    bodies
        .read(request, TopicsBody.MAX_BYTES, Future::succeededFuture)
        .map(body -> new Renewal(id, principal, TopicsBody.read(body, limits.get())))
        .compose(this::renew)
        .<Void>map(
            result -> {
              answer(request, asked, result);
              return null;
            })
        .onFailure(
            e -> {
              access.report(asked, e);
              FailureHandler.respond(request, e);
            });
  }

  /** Renews the stream here, or else at the node that has it. */
  private Future<RenewalResult> renew(Renewal renewal) {
    return ContextFutures.of(
        renewals
            .renew(renewal)
            .compose(
                here ->
                    here instanceof RenewalResult.Unknown
                        ? nodes.ask(RENEW, renewal.json()).map(StreamRoute::found)
                        : Future.succeededFuture(here)));
  }

  /** The answer of the node that has the stream. */
  private static RenewalResult found(AllNodes.Answers all) {
    Optional<RenewalResult> known =
        all.answers().stream()
            .map(answer -> RenewalResult.read(answer.content()))
            .filter(result -> !(result instanceof RenewalResult.Unknown))
            .findFirst();
    if (known.isEmpty() && !all.missing().isEmpty()) {
      throw Problem.of(503, "stream: not open here, and a node that may have it does not answer");
    }
    return known.orElseGet(RenewalResult.Unknown::new);
  }

  private void answer(HttpServerRequest request, Access asked, RenewalResult result) {
    Principal principal = asked.caller().principal();
    if (result instanceof RenewalResult.Renewed renewed) {
      access.guard().allowed(() -> Access.toFilter(Door.STREAM, asked.caller(), renewed.filter()));
      send(request, renewed.filter(), principal);
    } else if (result instanceof RenewalResult.NotReadable not) {
      throw NotGranted.subscribe(principal, not.topic());
    } else if (result instanceof RenewalResult.Invalid invalid) {
      throw new InvalidEvent(invalid.field(), invalid.rule());
    } else if (result instanceof RenewalResult.Foreign) {
      throw principal.identified()
          ? Problem.of(403, Refusal.SUBSCRIBE, "stream: must be one of the same issuer and subject")
          : noToken();
    } else {
      throw unknown();
    }
  }

  private static void send(HttpServerRequest request, Filter filter, Principal principal) {
    if (request.response().closed()) {
      return;
    }
    var patterns = new JsonArray(filter.patterns().stream().map(TopicPattern::pattern).toList());
    var json = new JsonObject().put("filter", patterns);
    principal.expires().ifPresent(end -> json.put("expires", end.toString()));
    request
        .response()
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .end(json.toBuffer());
  }

  private static Problem unknown() {
    return Problem.of(404, "stream: not open");
  }

  private static Problem noToken() {
    return Problem.unauthorized("Authorization: must be given, as Bearer and a token", "");
  }
}
