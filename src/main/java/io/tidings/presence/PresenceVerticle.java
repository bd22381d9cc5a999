package io.tidings.presence;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;

/** The event loop and the timer of {@link Presence}. */
public final class PresenceVerticle extends VerticleBase {
  private static final long PERIOD_MILLIS = 1_000;

  /** How long the other nodes have to answer before the streams are told. */
  private static final long ANSWER_MILLIS = 200;

  private final Presence presence;
  private long timer;

  public PresenceVerticle(Presence presence) {
    this.presence = presence;
  }

  @Override
  public Future<?> start() {
    presence.runOn(context);
    timer = vertx.setPeriodic(PERIOD_MILLIS, tick -> poll());
    return Future.succeededFuture();
  }

  private void poll() {
    presence.poll();
    vertx.setTimer(ANSWER_MILLIS, answered -> presence.tell());
  }

  @Override
  public Future<?> stop() {
    vertx.cancelTimer(timer);
    return Future.succeededFuture();
  }
}
