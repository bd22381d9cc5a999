package io.tidings.fanout;

import io.tidings.event.Filter;
import io.tidings.event.Position;
import io.tidings.event.TopicPattern;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * All streams of one event loop with the same filter, on the same wire: who is live, and who is
 * behind. Confined to that loop.
 *
 * <p>{@link Delivery} writes to those who are live, in slices. Who joins between two slices comes
 * to the end of the list, behind the delivery's limit; who leaves between them leaves an empty
 * slot, and the list is compacted after the delivery.
 */
final class Audience {
  private final Filter filter;
  private final WireFormat wire;
  private final Traffic traffic;
  private final Delivery delivery;
  private final List<Subscriber> live = new ArrayList<>(1);
  private final Set<Subscriber> behind = new LinkedHashSet<>(2);
  private boolean emptySlots;

  Audience(Filter filter, WireFormat wire, Traffic traffic, Audiences audiences, long now) {
    this.filter = filter;
    this.wire = wire;
    this.traffic = traffic;
    this.delivery = new Delivery(this, audiences, now);
  }

  Filter filter() {
    return filter;
  }

  WireFormat wire() {
    return wire;
  }

  Traffic traffic() {
    return traffic;
  }

  /** What is to be delivered to those who are live. */
  Delivery delivery() {
    return delivery;
  }

  /** What its members asked for, as they wrote it. */
  List<String> topics() {
    return filter.patterns().stream().map(TopicPattern::pattern).toList();
  }

  /** Whether nobody is in it. */
  boolean isEmpty() {
    return live.isEmpty() && behind.isEmpty();
  }

  /** Those who are not live; not to be changed. */
  Set<Subscriber> behind() {
    return behind;
  }

  /** Those who are live; null where one has left during the delivery in hand. Not to be changed. */
  List<Subscriber> live() {
    return live;
  }

  /** Everybody in it. */
  List<Subscriber> subscribers() {
    var subscribers = new ArrayList<Subscriber>(live.size() + behind.size());
    for (Subscriber subscriber : live) {
      if (subscriber != null) {
        subscribers.add(subscriber);
      }
    }
    subscribers.addAll(behind);
    return subscribers;
  }

  /** Takes in one who is not live yet. */
  void add(Subscriber subscriber) {
    behind.add(subscriber);
  }

  /**
   * Makes one live who is at the {@link Delivery#headOffset}.
   *
   * @param offset the offset of the head of the audience
   * @param offsetSent whether the client was sent the id of that offset
   */
  void join(Subscriber subscriber, long offset, boolean offsetSent) {
    live.add(subscriber);
    subscriber.slot(live.size() - 1);
    behind.remove(subscriber);
    delivery.joined(offset, offsetSent, live.size() == 1);
  }

  void leave(Subscriber subscriber) {
    if (!behind.remove(subscriber) && subscriber.slot() != Subscriber.NO_SLOT) {
      removeLive(subscriber);
    }
  }

  /** One who is live falls behind: it was served up to there. */
  void fallBehind(Subscriber subscriber, Position delivered) {
    behind.add(subscriber); // first what may fail for want of memory
    removeLive(subscriber);
    subscriber.fallBehind(delivered);
  }

  /**
   * The same for the last of those who are live, of whom there must be one; no slot is left empty.
   */
  void fallBehindLast(Position delivered) {
    Subscriber last = live.get(live.size() - 1);
    if (last != null) {
      behind.add(last);
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

  /** Closes the gaps that those have left who left during a delivery. */
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
