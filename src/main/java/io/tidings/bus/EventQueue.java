package io.tidings.bus;

import io.tidings.event.Event;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/** A FIFO queue of events with a bound on their memory. Not thread-safe. */
final class EventQueue {
  private final Deque<Item> events = new ArrayDeque<>();
  private final long maxBytes;
  private long bytes;

  private record Item(Event event, long cost, long nanos) {}

  /**
   * @param maxBytes the bound; a single event may exceed it
   */
  EventQueue(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /**
   * Adds an event at the end.
   *
   * @param nanos when it was added, by {@link System#nanoTime}
   * @return false if there is no room for it
   */
  boolean offer(Event event, long nanos) {
    long cost = event.cost();
    if (!events.isEmpty() && bytes + cost > maxBytes) {
      return false;
    }
    events.add(new Item(event, cost, nanos));
    bytes += cost;
    return true;
  }

  /** Adds an event at the end, and evicts the oldest to make room. */
  void push(Event event, long nanos) {
    while (!offer(event, nanos)) {
      poll();
    }
  }

  /** Removes the oldest event; null if there is none. */
  Event poll() {
    Item oldest = events.poll();
    if (oldest == null) {
      return null;
    }
    bytes -= oldest.cost;
    return oldest.event;
  }

  /**
   * Removes the oldest event that is equal to the given one.
   *
   * @return false if there is none
   */
  boolean remove(Event event) {
    for (Iterator<Item> items = events.iterator(); items.hasNext(); ) {
      Item item = items.next();
      if (item.event.equals(event)) {
        items.remove();
        bytes -= item.cost;
        return true;
      }
    }
    return false;
  }

  /** Evicts the events that were added before the time. */
  void evictBefore(long nanos) {
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
