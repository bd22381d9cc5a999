package io.tidings.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Filter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FilterIndexTest {
  @Test
  void eachListenerIsFoundOnceByNameAndByGlob() {
    var index = new FilterIndex<String>();
    index.add(Filter.of("a", "b"), "both");
    index.add(Filter.of("a"), "one");
    index.add(Filter.of("a"), "another");
    index.add(Filter.of("*"), "glob");
    assertEquals(List.of("both", "one", "another", "glob"), List.copyOf(index.matching("a")));
    assertEquals(List.of("both", "glob"), List.copyOf(index.matching("b")));
    index.remove(Filter.of("a"), "one");
    index.remove(Filter.of("*"), "glob");
    assertEquals(List.of("both", "another"), List.copyOf(index.matching("a")));
    index.remove(Filter.of("a", "b"), "both");
    index.remove(Filter.of("a"), "another");
    assertTrue(index.matching("a").isEmpty());
    assertTrue(index.matching("b").isEmpty());
  }

  @Test
  void removingAListenerCostsTheSameHoweverManyListenToTheTopic() {
    var comparisons = new AtomicLong();
    var index = new FilterIndex<Listener>();
    var listeners = new ArrayList<Listener>();
    for (int i = 0; i < 15_000; i++) {
      var listener = new Listener(i, comparisons);
      listeners.add(listener);
      index.add(Filter.of("news", "user." + i), listener);
    }
    java.util.Collections.shuffle(listeners, new Random(1));
    comparisons.set(0);
    listeners.forEach(one -> index.remove(Filter.of("news", "user." + one.number), one));
    assertTrue(comparisons.get() <= 15_000 * 10, comparisons + " comparisons");
    assertEquals(new HashSet<>(), new HashSet<>(index.matching("news")));
  }

  /** Counts how often it is compared with another. */
  private static final class Listener {
    private final int number;
    private final AtomicLong comparisons;

    Listener(int number, AtomicLong comparisons) {
      this.number = number;
      this.comparisons = comparisons;
    }

    @Override
    public boolean equals(Object other) {
      comparisons.incrementAndGet();
      return other instanceof Listener listener && listener.number == number;
    }

    @Override
    public int hashCode() {
      return number;
    }
  }
}
