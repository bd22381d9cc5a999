package io.tidings.fanout;

import io.tidings.event.Filter;
import io.tidings.event.Position;
import io.tidings.event.Selection;
import io.tidings.event.TopicPattern;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * All streams of one event loop with the same selection, wire format and traffic: the live ones and
 * the lagging ones. Confined to that loop.
 *
 * <p>{@link Delivery} writes to the live subscribers in slices. A subscriber that joins between two
 * slices is appended to the list, beyond the delivery's limit; one that leaves between them leaves
 * an empty slot, and the list is compacted after the delivery.
 */
final class Audience extends LinkedQueue.Element<Audience> {
  private final AudienceKey key;
  private final Delivery delivery;
  private final List<Subscriber> live = new ArrayList<>(1);
  private final Set<Subscriber> lagging = new LinkedHashSet<>(2);
  private boolean emptySlots;

  Audience(AudienceKey key, LoopContext loop) {
    this.key = key;
    this.delivery = new Delivery(this, loop);
  }

  AudienceKey key() {
    return key;
  }

  Selection selection() {
    return key.selection();
  }

  private Filter filter() {
    return selection().filter();
  }

  WireFormat wire() {
    return key.wire();
  }

  Traffic traffic() {
    return key.traffic();
  }

  Audiences.Delivered as() {
    return new Audiences.Delivered(wire(), traffic());
  }

  /** The pending delivery to the live subscribers. */
  Delivery delivery() {
    return delivery;
  }

  /** The patterns of the filter, as the client wrote them. */
  List<String> topics() {
    return filter().patterns().stream().map(TopicPattern::pattern).toList();
  }

  /** Whether the audience has no subscribers. */
  boolean isEmpty() {
    return live.isEmpty() && lagging.isEmpty();
  }

  /** The subscribers that are not live; must not be modified. */
  Set<Subscriber> lagging() {
    return lagging;
  }

  /**
   * The live subscribers; an element is null if its subscriber left during the current delivery.
   * Must not be modified.
   */
  List<Subscriber> live() {
    return live;
  }

  /** How many subscribers are live, and how many are not. */
  Reach reach() {
    int open = live.size();
    if (emptySlots) {
      open = (int) live.stream().filter(Objects::nonNull).count();
    }
    return new Reach(open, lagging.size());
  }

  /** All subscribers, live and lagging. */
  List<Subscriber> subscribers() {
    var subscribers = new ArrayList<Subscriber>(live.size() + lagging.size());
    for (Subscriber subscriber : live) {
      if (subscriber != null) {
        subscribers.add(subscriber);
      }
    }
    subscribers.addAll(lagging);
    return subscribers;
  }

  /** Adds a subscriber that is not live yet. */
  void add(Subscriber subscriber) {
    lagging.add(subscriber);
  }

  /**
   * Makes a subscriber live whose cursor is at the head of the audience.
   *
   * @param offset the offset of the head
   * @param offsetSent whether the client was sent the id of that offset
   */
  void join(Subscriber subscriber, long offset, boolean offsetSent) {
    live.add(subscriber);
    subscriber.slot(live.size() - 1);
    lagging.remove(subscriber);
    delivery.joined(offset, offsetSent, live.size() == 1);
  }

  void leave(Subscriber subscriber) {
    if (!lagging.remove(subscriber) && subscriber.slot() != Subscriber.NO_SLOT) {
      removeLive(subscriber);
    }
  }

  /**
   * Moves a live subscriber to the lagging ones; the position is the last that was delivered to it.
   */
  void fallBehind(Subscriber subscriber, Position delivered) {
    lagging.add(subscriber); // first, since it may fail for lack of memory
    removeLive(subscriber);
    subscriber.fallBehind(delivered);
  }

  /** The same for the last live subscriber, of which there must be one; leaves no empty slot. */
  void fallBehindLast(Position delivered) {
    Subscriber last = live.get(live.size() - 1);
    if (last != null) {
      lagging.add(last);
      last.slot(Subscriber.NO_SLOT);
      last.fallBehind(delivered);
    }
    live.remove(live.size() - 1);
    emptySlots &= !live.isEmpty();
  }

  private void removeLive(Subscriber subscriber) {
    int slot = subscriber.slot();
    subscriber.slot(Subscriber.NO_SLOT);
    if (delivery.slotsFixed()) {
      live.set(slot, null);
      emptySlots = true;
      return;
    }
    Subscriber last = live.remove(live.size() - 1);
    if (last != subscriber) {
      live.set(slot, last);
      last.slot(slot);
    }
  }

  /** Removes the empty slots of subscribers that left during a delivery. */
  void compact() {
    if (!emptySlots) {
      return;
    }
    int slot = 0;
    for (Subscriber subscriber : live) {
      if (subscriber != null) {
        live.set(slot, subscriber);
        subscriber.slot(slot++);
      }
    }
    live.subList(slot, live.size()).clear();
    emptySlots = false;
  }
}
