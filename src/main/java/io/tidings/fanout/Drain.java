package io.tidings.fanout;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Ends all streams of a loop because the hub stops: one after the other, in random order, over a
 * given time, each with a random retry delay, so that thousands of clients don't reconnect to the
 * next hub at once. Confined to the loop.
 */
final class Drain {
  private static final long STEP_MILLIS = 20;

  /** The approximate number of clients that may reconnect per second. */
  private static final int CLIENTS_A_SECOND = 1_000;

  private static final int SHORTEST_RETRY_MILLIS = 100;

  private final Vertx vertx;
  private final List<Subscriber> streams;
  private final long began = System.nanoTime();
  private final long nanos;
  private final int retrySpreadMillis;
  private final Random random = new Random();
  private final Promise<Void> done = Promise.promise();
  private int ended;

  /**
   * @param open the streams that are open
   * @param time the time over which they are ended
   * @param retry how long clients wait before they reconnect, if they are few
   * @param streamsOfNode the number of streams on all loops
   */
  Drain(Vertx vertx, List<Subscriber> open, Duration time, Duration retry, int streamsOfNode) {
    this.vertx = vertx;
    this.streams = new ArrayList<>(open);
    Collections.shuffle(streams, random);
    this.nanos = time.toNanos();
    long spread = Math.max(retry.toMillis(), streamsOfNode * 1_000L / CLIENTS_A_SECOND);
    this.retrySpreadMillis = (int) Math.min(Integer.MAX_VALUE / 2, spread);
  }

  /** Begins; completes when all streams have ended. */
  Future<Void> begin() {
    step();
    return done.future();
  }

  /** How long the next client must wait, in milliseconds. */
  int retryMillis() {
    return SHORTEST_RETRY_MILLIS + random.nextInt(retrySpreadMillis + 1);
  }

  private void step() {
    double passed = nanos == 0 ? 1 : (double) (System.nanoTime() - began) / nanos;
    int due = (int) Math.ceil(Math.min(1, passed) * streams.size());
    while (ended < due) {
      streams.get(ended++).drain(retryMillis());
    }
    if (ended == streams.size()) {
      done.complete();
    } else {
      vertx.setTimer(STEP_MILLIS, timer -> step());
    }
  }
}
