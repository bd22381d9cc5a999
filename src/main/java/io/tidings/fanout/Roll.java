package io.tidings.fanout;

import io.tidings.event.Selection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** How many streams of this node, on whatever event loop, want to hear what. Any thread. */
public final class Roll {
  private final SelectionIndex<Tally> index = new SelectionIndex<>();
  private final Map<Selection, Tally> tallies = new HashMap<>();
  private final Map<Audiences, List<Straggler>> stragglers = new ConcurrentHashMap<>();
  private int streams;

  synchronized void add(Selection selection) {
    streams++;
    tallies.computeIfAbsent(selection, this::open).streams++;
  }

  synchronized void remove(Selection selection) {
    streams--;
    Tally tally = tallies.get(selection);
    if (--tally.streams == 0) {
      tallies.remove(selection);
      index.remove(selection, tally);
    }
  }

  /** The number of streams that are open. */
  public synchronized int streams() {
    return streams;
  }

  /** The number of streams that hear an event of these topics. */
  public synchronized int streams(List<String> topics) {
    if (topics.size() == 1) {
      return sum(index.matching(topics.get(0)));
    }
    Set<Tally> each = Collections.newSetFromMap(new IdentityHashMap<>());
    topics.forEach(topic -> each.addAll(index.matching(topic)));
    return sum(each);
  }

  /** Those of an event loop that are behind, the slowest of them. */
  void stragglers(Audiences loop, List<Straggler> slowest) {
    stragglers.put(loop, slowest);
  }

  /** The streams that are furthest behind, at most so many, the slowest first. */
  public List<Straggler> slowest(int most) {
    return stragglers.values().stream()
        .flatMap(List::stream)
        .sorted(Comparator.comparingLong(Straggler::lag).reversed())
        .limit(most)
        .toList();
  }

  private Tally open(Selection selection) {
    var tally = new Tally();
    index.add(selection, tally);
    return tally;
  }

  private static int sum(Iterable<Tally> tallies) {
    int sum = 0;
    for (Tally tally : tallies) {
      sum += tally.streams;
    }
    return sum;
  }

  private static final class Tally {
    private int streams;
  }
}
