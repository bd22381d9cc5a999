package io.tidings;

import io.tidings.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.util.function.Supplier;

/**
 * A verticle that starts a hub and stops it, so that the hub ends with the verticle that deploys
 * it, and with the Vert.x.
 */
final class HubLifecycle extends VerticleBase {
  private final Settings settings;
  private final Promise<Void> stopped = Promise.promise();
  private volatile Future<HubNode> starting;
  private volatile HubNode node;
  private volatile Supplier<Future<Void>> beforeStop = Future::succeededFuture;

  HubLifecycle(Settings settings) {
    this.settings = settings;
  }

  @Override
  public Future<?> start() {
    LogFactory.check(settings);
    starting = HubNode.embed(vertx, settings).onSuccess(started -> node = started);
    return starting;
  }

  @Override
  public Future<?> stop() {
    Future<Void> released =
        starting == null
            ? Future.succeededFuture()
            : starting.transform(
                begun -> begun.failed() ? Future.succeededFuture() : stop(begun.result()));
    return released.onComplete(stopped);
  }

  private Future<Void> stop(HubNode started) {
    return Future.succeededFuture()
        .compose(begin -> beforeStop.get()) // an exception fails the future
        .eventually(started::stop);
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

  /** Stops the hub; completes when it has stopped, also if that had begun before. */
  Future<Void> close() {
    String id = context.deploymentID();
    if (!vertx.deploymentIDs().contains(id)) {
      return Future.succeededFuture();
    }
    return vertx
        .undeploy(id)
        .recover(
            e -> e instanceof IllegalStateException ? stopped.future() : Future.failedFuture(e));
  }
}
