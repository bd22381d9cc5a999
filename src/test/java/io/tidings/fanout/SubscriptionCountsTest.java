package io.tidings.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.event.Filter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SubscriptionCountsTest {
  @Test
  void onlyStreamsThatNameATopicAreCountedAsNamingIt() {
    var subscriptions = new SubscriptionCounts();
    subscriptions.add(Filter.of("**"));
    subscriptions.add(Filter.of("a.*", "news"));
    assertEquals(2, subscriptions.streams(List.of("a.b")));
    assertEquals(0, subscriptions.naming("a.b"));
    assertEquals(1, subscriptions.naming("news"));
    subscriptions.add(Filter.of("a.b"));
    subscriptions.add(Filter.of("a.b"));
    subscriptions.add(Filter.of("a.b", "a.**"));
    assertEquals(3, subscriptions.naming("a.b"));
    subscriptions.remove(Filter.of("a.b"));
    assertEquals(2, subscriptions.naming("a.b"));
  }

  @Test
  void countsAreThoseOfAScanOfAllStreams() {
    var subscriptions = new SubscriptionCounts();
    long seed = 5;
    var random = new Random(seed);
    var open = new ArrayList<Filter>();
    String[] patterns = {"a", "b", "c", "a.b", "a.*", "**", "b.**"};
    List<List<String>> events =
        List.of(List.of("a"), List.of("a.b"), List.of("a", "b"), List.of("c", "a.b", "b"));
    for (int step = 0; step < 2_000; step++) {
      if (open.isEmpty() || random.nextInt(100) < 55) {
        var some = new ArrayList<String>();
        for (int i = random.nextInt(3); i >= 0; i--) {
          some.add(patterns[random.nextInt(patterns.length)]);
        }
        Filter filter = Filter.of(some);
        open.add(filter);
        subscriptions.add(filter);
      } else {
        subscriptions.remove(open.remove(random.nextInt(open.size())));
      }
      List<String> topics = events.get(random.nextInt(events.size()));
      assertEquals(
          open.stream().filter(filter -> filter.matches(topics)).count(),
          subscriptions.streams(topics),
          () -> topics + " of " + open + ", seed " + seed);
      assertEquals(open.size(), subscriptions.streams());
    }
  }
}
