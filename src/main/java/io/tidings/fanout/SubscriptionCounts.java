package io.tidings.fanout;

import io.tidings.event.Event;
import io.tidings.event.Selection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counts the streams of this node, on all event loops, by what they select. Thread-safe. */
public final class SubscriptionCounts {
  /** Streams that select all private events of their filter. */
  private final FilterCounts whole = new FilterCounts();

  /** The other streams, by their filters, which match the public events that they select. */
  private final FilterCounts cut = new FilterCounts();

  /** The same streams as far as they select private events, by the filters of those. */
  private final FilterCounts privates = new FilterCounts();

  private final Map<LagMonitor, List<SlowSubscriber>> slowSubscribers = new ConcurrentHashMap<>();
  private int streams;

  synchronized void add(Selection selection) {
    streams++;
    if (selection.whole()) {
      whole.add(selection.filter());
    } else {
      cut.add(selection.filter());
      selection.privates().ifPresent(privates::add);
    }
  }

  synchronized void remove(Selection selection) {
    streams--;
    if (selection.whole()) {
      whole.remove(selection.filter());
    } else {
      cut.remove(selection.filter());
      selection.privates().ifPresent(privates::remove);
    }
  }

  /** The number of streams that are open. */
  public synchronized int streams() {
    return streams;
  }

  /** The number of streams that receive the event. */
  public synchronized int streams(Event event) {
    FilterCounts others = event.isPrivate() ? privates : cut;
    return whole.streams(event.topics()) + others.streams(event.topics());
  }

  /** Sets the most lagging streams of an event loop. */
  void slowSubscribers(LagMonitor loop, List<SlowSubscriber> slowest) {
    slowSubscribers.put(loop, slowest);
  }

  /** The most lagging streams, at most the given number, in descending order of lag. */
  public List<SlowSubscriber> slowest(int most) {
    return slowSubscribers.values().stream()
        .flatMap(List::stream)
        .sorted(Comparator.comparingLong(SlowSubscriber::lag).reversed())
        .limit(most)
        .toList();
  }

  /** The number of streams that select this topic by its name, not by a glob. */
  public synchronized int naming(String topic) {
    return whole.naming(topic) + cut.naming(topic);
  }
}
