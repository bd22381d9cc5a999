package io.tidings.http;

import io.tidings.bus.ContextFutures;
import io.tidings.event.InvalidEvent;
import io.tidings.log.raft.CommandRefused;
import io.tidings.log.raft.SettingsInForce;
import io.tidings.log.raft.Voters;
import io.tidings.metrics.Door;
import io.tidings.settings.InvalidSetting;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;

/**
 * The path {@code /cluster/settings}: shows the settings that all nodes of the cluster have in
 * common, and changes them, for administrators. Confined to one event loop.
 */
final class SettingsRoute {
  private static final String PATH = "/cluster/settings";

  private final ClusterAdmin admin;

  private SettingsRoute(ClusterAdmin admin) {
    this.admin = admin;
  }

  static void mount(Router router, ClusterAdmin admin, AccessControl access) {
    var route = new SettingsRoute(admin);
    router
        .route(PATH)
        .method(HttpMethod.GET)
        .method(HttpMethod.HEAD)
        .handler(access.ofHubsOwn(Door.CLUSTER))
        .handler(route::show);
    router.post(PATH).handler(route::change);
  }

  private void show(RoutingContext context) {
    AdminRequests.answer(
        context.request(),
        Future.succeededFuture()
            .map(now -> json(admin.cluster().settings()))); // or why there are none
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
    admin.enter(context, this::change, SettingsRoute::refusal);
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

  private Future<Void> change(ClusterAdmin.Asked asked) {
    Map<String, Object> changes = parse(asked.body());
    admin.checkNotRevoked(asked);
    Voters cluster = asked.cluster();
    return ContextFutures.of(cluster.changeSettings(changes))
        .onComplete(done -> admin.report(asked, "set " + changes, done.cause()))
        .onSuccess(
            done ->
                AdminRequests.answer(
                    asked.request(), Future.succeededFuture(json(cluster.settings()))));
  }

  private static Throwable refusal(Throwable failure) {
    if (failure instanceof InvalidSetting) {
      return Problem.of(400, failure.getMessage());
    }
    return failure instanceof CommandRefused
        ? Problem.of(ClusterAdmin.CONFLICT, "no setting was changed: " + failure.getMessage())
        : failure;
  }
}
