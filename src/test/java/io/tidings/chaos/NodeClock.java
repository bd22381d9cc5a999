package io.tidings.chaos;

import io.tidings.chaos.RightsHistory.Answered;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/**
 * A clock that runs only while a node answers: from one answer to the next, and at most for some
 * time each. So a node that hangs, has ended, is not reached, or gets no processor is given the
 * time that it could not use, whatever the reason.
 */
final class NodeClock {
  private final long[] sent;
  private final long[] received;

  /** What the clock shows at each answer. */
  private final long[] shown;

  /**
   * @param most what counts of the time between two answers
   */
  NodeClock(List<Answered> answers, Duration most) {
    List<Answered> sorted =
        answers.stream().sorted(Comparator.comparingLong(Answered::received)).toList();
    sent = sorted.stream().mapToLong(Answered::sent).toArray();
    received = sorted.stream().mapToLong(Answered::received).toArray();
    shown = new long[received.length];
    for (int i = 1; i < shown.length; i++) {
      shown[i] = shown[i - 1] + Math.min(most.toNanos(), received[i] - received[i - 1]);
    }
  }

  /**
   * The time, in nanoseconds, from the first answer to a request that was sent after the first
   * time, to the last answer before the second.
   */
  long between(long from, long to) {
    int first = firstAfter(from);
    while (first < sent.length && sent[first] < from) {
      first++;
    }
    int last = firstAfter(to) - 1;
    return last <= first ? 0 : shown[last] - shown[first];
  }

  /** The index of the first answer after a time. */
  private int firstAfter(long time) {
    int low = 0;
    int high = received.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (received[middle] > time) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }
}
