package io.tidings.cuts;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * Discrete events in simulated time, in microseconds. Two of the same time happen in the order in
 * which they were scheduled, so that a seed always gives the same run. Single-threaded.
 */
final class Simulation {
  static final long MILLIS = 1_000;
  static final long SECONDS = 1_000_000;

  private record Step(long time, long number, Runnable action) {}

  private final PriorityQueue<Step> steps =
      new PriorityQueue<>(Comparator.comparingLong(Step::time).thenComparingLong(Step::number));
  private final Random random;
  private long now;
  private long number;

  Simulation(long seed) {
    random = new Random(seed);
  }

  long now() {
    return now;
  }

  Random random() {
    return random;
  }

  /** An exponentially distributed time, rounded down. */
  long exponential(long mean) {
    return (long) (-mean * Math.log(1 - random.nextDouble()));
  }

  void at(long time, Runnable action) {
    steps.add(new Step(Math.max(time, now), number++, action));
  }

  void after(long delay, Runnable action) {
    at(now + delay, action);
  }

  /** Runs everything up to a time, inclusive. */
  void run(long until) {
    while (!steps.isEmpty() && steps.peek().time <= until) {
      Step step = steps.remove();
      now = step.time;
      step.action.run();
    }
    now = until;
  }
}
