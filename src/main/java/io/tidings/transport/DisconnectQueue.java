package io.tidings.transport;

import java.util.ArrayDeque;
import java.util.Queue;

/**
 * The channels of an event loop whose clients are gone and whose completions wait for a slice of
 * time. A channel that has begun to end goes before all that have not: its read buffer is in use
 * until it has received the end of its input. So the number of such buffers is what one slice can
 * begin, and not the number of clients that are gone. Confined to the event loop.
 */
final class DisconnectQueue {
  private final TimeSlices slices;
  private final Queue<ThrottledChannel> fresh = new ArrayDeque<>();
  private final Queue<ThrottledChannel> begun = new ArrayDeque<>();

  /** Whether the loop is ending, and nothing waits any more. */
  private boolean stopping;

  DisconnectQueue(TimeSlices slices) {
    this.slices = slices;
  }

  boolean isEmpty() {
    return fresh.isEmpty() && begun.isEmpty();
  }

  /** Whether a completion may be handled at once, since none that goes before it waits. */
  boolean admits(ThrottledChannel channel) {
    boolean next = channel.hasBegun() || fresh.isEmpty();
    return stopping || slices.open() && begun.isEmpty() && next;
  }

  /** Adds a channel that is in neither queue; the next slice is postponed. */
  void add(ThrottledChannel channel) {
    (channel.hasBegun() ? begun : fresh).add(channel);
    slices.postpone();
  }

  /** Handles what waits, as long as the slice lasts. */
  void handleSlice() {
    slices.renew();
    while (slices.open() && !isEmpty()) {
      handleNext();
    }
  }

  /** Handles all that waits; from now on nothing waits. */
  void stop() {
    stopping = true;
    while (!isEmpty()) {
      handleNext();
    }
  }

  private void handleNext() {
    (begun.isEmpty() ? fresh : begun).poll().handleWaiting();
  }
}
