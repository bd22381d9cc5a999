package io.tidings.chaos;

import io.tidings.Pacing;
import java.time.Duration;

/**
 * A fault of the schedule.
 *
 * @param number in the schedule, from 1
 * @param node that it happens to
 * @param other the other node, if it is about two
 * @param hold how long it lasts
 * @param rest how long there is no fault after it
 * @param seed of what else is random in it
 */
record Step(int number, Fault fault, int node, int other, Duration hold, Duration rest, long seed) {
  /** Holds the fault. */
  void pause() {
    Pacing.pause(hold);
  }

  @Override
  public String toString() {
    String nodes = fault.needsTwo() ? node + " and " + other : "" + node;
    return "%d %s, node %s, %d ms".formatted(number, fault, nodes, hold.toMillis());
  }
}
