package io.tidings.fanout;

import io.tidings.settings.StreamSettings;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;

/**
 * When the streams of one loop are ended before their time: all of them when the hub stops, and
 * once in each isolation of the log those that are open when it begins. A stop replaces the drain
 * of an isolation, and no isolation begins after it. Each client is told a random retry delay, so
 * that they don't all reconnect at once. Confined to the loop.
 */
final class Draining {
  /** The approximate number of clients that may reconnect per second. */
  private static final int CLIENTS_A_SECOND = 1_000;

  private static final int SHORTEST_RETRY_MILLIS = 100;

  private enum State {
    /** Streams open and stay. */
    SERVING,
    /** Streams open and stay, and are told that they may be stale. */
    ISOLATED,
    /** Streams that open are ended. */
    STOPPING
  }

  private final LoopContext loop;
  private final StreamSettings settings;
  private final SubscriptionCounts subscriptions;
  private final Random random = new Random();
  private State state = State.SERVING;

  /** The drain in progress, if there is one. */
  private Optional<Drain> drain = Optional.empty();

  private int retrySpreadMillis;

  /** Present while isolated. */
  private Optional<Instant> isolatedSince = Optional.empty();

  Draining(LoopContext loop, StreamSettings settings, SubscriptionCounts subscriptions) {
    this.loop = loop;
    this.settings = settings;
    this.subscriptions = subscriptions;
  }

  /**
   * Ends the streams because the hub stops.
   *
   * @param begun the streams that have begun; others are ended when they begin
   * @return completes when they have ended
   */
  Future<Void> stop(List<Subscriber> begun, Duration time) {
    become(State.STOPPING, Optional.empty());
    return start(begun, time, CloseReason.DRAINED);
  }

  /**
   * The log has become isolated.
   *
   * @param begun the streams that have begun; others are told when they begin, and stay
   * @param since when this node lost the connection to the majority
   */
  void isolate(List<Subscriber> begun, Instant since) {
    if (state == State.SERVING) {
      become(State.ISOLATED, Optional.of(since));
      start(begun, settings.drain(), CloseReason.ISOLATED);
    }
  }

  /** The log is not isolated any more, if it was. */
  void reconnect() {
    if (state == State.ISOLATED) {
      become(State.SERVING, Optional.empty());
    }
  }

  private void become(State next, Optional<Instant> since) {
    drain.ifPresent(Drain::cancel);
    drain = Optional.empty();
    state = next;
    isolatedSince = since;
  }

  private Future<Void> start(List<Subscriber> streams, Duration time, CloseReason why) {
    // all loops of the node end their streams at the same time
    long enough = subscriptions.streams() * 1_000L / CLIENTS_A_SECOND;
    retrySpreadMillis =
        (int) Math.min(Integer.MAX_VALUE / 2, Math.max(settings.retry().toMillis(), enough));
    var started = new Drain(loop, streams, time, random, stream -> end(stream, why));
    drain = Optional.of(started);
    return started.begin().onComplete(done -> drain = Optional.empty());
  }

  /** Ends one stream; a failure does not affect the others. */
  private void end(Subscriber stream, CloseReason why) {
    try {
      stream.drain(why, retryMillis());
      if (why.endsConnection()) {
        // when the hub stops, the server closes such connections
        loop.cutIfStalled(stream.outlet());
      }
    } catch (RuntimeException | Error e) {
      loop.scheduler().reportFailure("a drain", stream.audience(), e);
      stream.cut(why);
    }
  }

  private int retryMillis() {
    return SHORTEST_RETRY_MILLIS + random.nextInt(retrySpreadMillis + 1);
  }

  boolean stopping() {
    return state == State.STOPPING;
  }

  /** How long the client of a stream that begins now must wait; empty unless the hub stops. */
  OptionalInt stopRetryMillis() {
    return stopping() ? OptionalInt.of(retryMillis()) : OptionalInt.empty();
  }

  /** Since when the log is isolated; empty if it is not. */
  Optional<Instant> isolatedSince() {
    return isolatedSince;
  }
}
