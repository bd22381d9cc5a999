package io.tidings;

import io.tidings.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.function.Supplier;

/**
 * A verticle that starts a hub and stops it, so that the hub ends with the verticle that deploys
 * it, and with the Vert.x.
 */
final class HubLifecycle extends VerticleBase {
  private final Settings settings;
  private volatile HubNode node;
  private volatile Supplier<Future<Void>> beforeStop = Future::succeededFuture;

  HubLifecycle(Settings settings) {
    this.settings = settings;
  }

  @Override
  public Future<?> start() {
    LogFactory.check(settings);
    return HubNode.embed(vertx, settings).onSuccess(started -> node = started);
  }

  @Override
  public Future<?> stop() {
    return node == null ? Future.succeededFuture() : beforeStop.get().eventually(() -> node.stop());
  }

  /** Adds what happens before the hub stops. */
  void beforeStop(Supplier<Future<Void>> action) {
    beforeStop = action;
  }

  Settings settings() {
    return settings;
  }

  /** The hub, once it has started. */
  HubNode node() {
    return node;
  }

  /** Stops the hub, unless it has stopped or is about to. */
  Future<Void> close() {
    String id = context.deploymentID();
    return vertx.deploymentIDs().contains(id) ? vertx.undeploy(id) : Future.succeededFuture();
  }
}
