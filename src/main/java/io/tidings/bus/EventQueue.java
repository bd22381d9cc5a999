package io.tidings.bus;

import io.tidings.event.Event;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/** Events in the order in which they came, no more than there is memory for. Not thread-safe. */
final class EventQueue {
  private final Deque<Kept> events = new ArrayDeque<>();
  private final long maxBytes;
  private long bytes;

  private record Kept(Event event, long cost, long nanos) {}

  /**
   * @param maxBytes what they may take
   */
  EventQueue(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Adds one at the end; false where there is no room for it. */
  boolean offer(Event event, long nanos) {
    long cost = event.cost();
    if (!events.isEmpty() && bytes + cost > maxBytes) {
      return false;
    }
    events.add(new Kept(event, cost, nanos));
    bytes += cost;
    return true;
  }

  /** Adds one at the end, and forgets as many of the oldest as it takes to make room. */
  void push(Event event, long nanos) {
    while (!offer(event, nanos)) {
      poll();
    }
  }

  /** Takes the oldest; null where there is none. */
  Event poll() {
    Kept oldest = events.poll();
    if (oldest == null) {
      return null;
    }
    bytes -= oldest.cost;
    return oldest.event;
  }

  /** Takes out the oldest that is the same, if there is one. */
  boolean take(Event event) {
    for (Iterator<Kept> each = events.iterator(); each.hasNext(); ) {
      Kept kept = each.next();
      if (kept.event.equals(event)) {
        each.remove();
        bytes -= kept.cost;
        return true;
      }
    }
    return false;
  }

  /** Forgets what came before the time. */
  void forgetBefore(long nanos) {
    while (!events.isEmpty() && events.peek().nanos - nanos < 0) {
      poll();
    }
  }

  boolean isEmpty() {
    return events.isEmpty();
  }

  int size() {
    return events.size();
  }
}
