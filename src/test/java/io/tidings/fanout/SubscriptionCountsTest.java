package io.tidings.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.event.Filter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SubscriptionCountsTest {
  @Test
  void whoNamesATopicIsToldFromWhoHearsItByAGlob() {
    var roll = new SubscriptionCounts();
    roll.add(Filter.of("**"));
    roll.add(Filter.of("a.*", "news"));
    assertEquals(2, roll.streams(List.of("a.b")));
    assertEquals(0, roll.naming("a.b"));
    assertEquals(1, roll.naming("news"));
    roll.add(Filter.of("a.b"));
    roll.add(Filter.of("a.b"));
    roll.add(Filter.of("a.b", "a.**"));
    assertEquals(3, roll.naming("a.b"));
    roll.remove(Filter.of("a.b"));
    assertEquals(2, roll.naming("a.b"));
  }

  @Test
  void countsAreWhatGoingThroughAllStreamsGives() {
    var roll = new SubscriptionCounts();
    var random = new Random(5);
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
        roll.add(filter);
      } else {
        roll.remove(open.remove(random.nextInt(open.size())));
      }
      List<String> topics = events.get(random.nextInt(events.size()));
      assertEquals(
          open.stream().filter(filter -> filter.matches(topics)).count(),
          roll.streams(topics),
          () -> topics + " of " + open);
      assertEquals(open.size(), roll.streams());
    }
  }
}
