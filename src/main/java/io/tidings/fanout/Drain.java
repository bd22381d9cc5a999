package io.tidings.fanout;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Ends streams of a loop one after the other, in random order, over a given time, so that thousands
 * of clients don't reconnect to the next hub at once. Confined to the loop.
 */
final class Drain {
  /** The time between two steps. */
  static final long STEP_MILLIS = 20;

  private final LoopContext loop;
  private final List<Subscriber> streams;
  private final Consumer<Subscriber> end;
  private final long began;
  private final long millis;
  private final Promise<Void> done = Promise.promise();
  private int ended;
  private boolean cancelled;

  /**
   * @param streams the streams to end
   * @param time the time over which they are ended
   * @param end ends a stream that may have left meanwhile; throws nothing
   */
  Drain(
      LoopContext loop,
      List<Subscriber> streams,
      Duration time,
      Random order,
      Consumer<Subscriber> end) {
    this.loop = loop;
    this.streams = new ArrayList<>(streams);
    Collections.shuffle(this.streams, order);
    this.end = end;
    this.began = loop.now();
    this.millis = time.toMillis();
  }

  /** Begins; completes when all streams have ended, or never if it is cancelled before. */
  Future<Void> begin() {
    step();
    return done.future();
  }

  /** The streams that have not ended yet stay. */
  void cancel() {
    cancelled = true;
  }

  private void step() {
    if (cancelled) {
      return;
    }
    double passed = millis == 0 ? 1 : (double) (loop.now() - began) / millis;
    int due = (int) Math.ceil(Math.min(1, passed) * streams.size());
    while (ended < due) {
      end.accept(streams.get(ended++));
    }
    if (ended == streams.size()) {
      done.complete();
    } else {
      loop.vertx().setTimer(STEP_MILLIS, timer -> step());
    }
  }
}
