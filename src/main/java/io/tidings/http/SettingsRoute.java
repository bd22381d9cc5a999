package io.tidings.http;

import io.tidings.auth.Principal;
import io.tidings.bus.ContextFutures;
import io.tidings.event.InvalidEvent;
import io.tidings.log.OutcomeUnknown;
import io.tidings.log.raft.CommandRefused;
import io.tidings.log.raft.SettingsInForce;
import io.tidings.log.raft.Voters;
import io.tidings.metrics.Door;
import io.tidings.settings.InvalidSetting;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The path {@code /cluster/settings}: shows the settings that all nodes of the cluster have in
 * common, and changes them, for administrators. Confined to one event loop.
 */
final class SettingsRoute {
  private static final String PATH = "/cluster/settings";
  private static final int MAX_BODY = 16 * 1024;
  private static final int CONFLICT = 409;

  private final Optional<Voters> voters;
  private final AccessControl access;
  private final AllowedOrigins origins;
  private final Duration upload;

  private SettingsRoute(
      Optional<Voters> voters, AccessControl access, AllowedOrigins origins, Duration upload) {
    this.voters = voters;
    this.access = access;
    this.origins = origins;
    this.upload = upload;
  }

  /**
   * @param voters of the cluster, if the hub is a node of one
   * @param upload how long receiving a body may take
   */
  static void mount(
      Router router,
      Optional<Voters> voters,
      AccessControl access,
      AllowedOrigins origins,
      Duration upload) {
    var route = new SettingsRoute(voters, access, origins, upload);
    router.get(PATH).handler(access.ofHubsOwn(Door.CLUSTER)).handler(route::show);
    router.post(PATH).handler(route::change);
  }

  private Voters cluster() {
    return voters.orElseThrow(
        () -> Problem.of(CONFLICT, "this hub is not a node of a cluster; see --cluster"));
  }

  private void show(RoutingContext context) {
    AdminRequests.answer(
        context.request(),
        Future.succeededFuture().map(now -> json(cluster().settings()))); // or why there are none
  }

  /** The settings; beside them those of this node that do not count. */
  private static JsonObject json(SettingsInForce settings) {
    return new JsonObject()
        .put("settings", object(settings.now().texts()))
        .put("replicated", settings.replicated())
        .put("ignored", object(settings.ignored()));
  }

  private static JsonObject object(Map<String, String> texts) {
    var json = new JsonObject();
    texts.forEach(json::put);
    return json;
  }

  private void change(RoutingContext context) {
    HttpServerRequest request = context.request();
    origins.checkSession(request);
    access.enter(
        Door.CLUSTER,
        request,
        principal -> {
          AdminRequests.check(principal);
          Voters all = cluster();
          RequestBody.read(request, MAX_BODY, upload)
              .map(SettingsRoute::parse)
              .compose(changes -> change(request, principal, all, changes))
              .onSuccess(
                  done ->
                      AdminRequests.answer(request, Future.succeededFuture(json(all.settings()))))
              .onFailure(e -> FailureHandler.respond(request, refusal(e)));
        });
  }

  private static Map<String, Object> parse(Buffer body) {
    JsonObject changes;
    try {
      changes = new JsonObject(body);
    } catch (DecodeException | ClassCastException e) {
      throw new InvalidEvent("body", "must be an object with values by the names of settings");
    }
    if (changes.isEmpty()) {
      throw new InvalidEvent("body", "must name a setting");
    }
    return changes.getMap();
  }

  private Future<Void> change(
      HttpServerRequest request, Principal principal, Voters all, Map<String, Object> changes) {
    access.checkNotRevoked(principal);
    return ContextFutures.of(all.changeSettings(changes))
        .onComplete(done -> report(request, principal, changes, done.cause()));
  }

  /** What was done, or may have been, is in the audit log. */
  private void report(
      HttpServerRequest request,
      Principal principal,
      Map<String, Object> changes,
      Throwable failure) {
    if (failure == null) {
      access.administered(Door.CLUSTER, principal, request, "set " + changes);
    } else if (failure instanceof OutcomeUnknown) {
      access.administered(Door.CLUSTER, principal, request, "perhaps set " + changes);
    }
  }

  private static Throwable refusal(Throwable failure) {
    if (failure instanceof InvalidSetting) {
      return Problem.of(400, failure.getMessage());
    }
    return failure instanceof CommandRefused
        ? Problem.of(CONFLICT, "no setting was changed: " + failure.getMessage())
        : failure;
  }
}
