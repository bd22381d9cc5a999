package io.tidings.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.event.Event;
import io.tidings.event.Filter;
import io.tidings.event.Selection;
import io.tidings.event.Visibility;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SubscriptionCountsTest {
  @Test
  void onlyStreamsThatNameATopicAreCountedAsNamingIt() {
    var subscriptions = new SubscriptionCounts();
    subscriptions.add(Selection.all("**"));
    subscriptions.add(Selection.all("a.*", "news"));
    assertEquals(2, subscriptions.streams(Event.of("a.b", "")));
    assertEquals(0, subscriptions.naming("a.b"));
    assertEquals(1, subscriptions.naming("news"));
    subscriptions.add(Selection.all("a.b"));
    subscriptions.add(Selection.all("a.b"));
    subscriptions.add(Selection.all("a.b", "a.**"));
    assertEquals(3, subscriptions.naming("a.b"));
    subscriptions.remove(Selection.all("a.b"));
    assertEquals(2, subscriptions.naming("a.b"));
  }

  @Test
  void countsAreThoseOfAScanOfAllStreams() {
    var subscriptions = new SubscriptionCounts();
    long seed = 5;
    var random = new Random(seed);
    var open = new ArrayList<Selection>();
    List<List<String>> events =
        List.of(List.of("a"), List.of("a.b"), List.of("a", "b"), List.of("c", "a.b", "b"));
    for (int step = 0; step < 4_000; step++) {
      if (open.isEmpty() || random.nextInt(100) < 55) {
        Filter filter = randomFilter(random);
        Optional<Filter> own =
            Optional.of(randomFilter(random)).filter(any -> random.nextBoolean());
        Selection selection =
            random.nextBoolean()
                ? Selection.all(filter)
                : Selection.of(filter, own.flatMap(filter::intersect));
        open.add(selection);
        subscriptions.add(selection);
      } else {
        subscriptions.remove(open.remove(random.nextInt(open.size())));
      }
      List<String> topics = events.get(random.nextInt(events.size()));
      Visibility visibility = random.nextBoolean() ? Visibility.PRIVATE : Visibility.PUBLIC;
      var event = new Event(topics, "", "", Event.NO_RETRY, "", visibility);
      assertEquals(
          open.stream().filter(selection -> selection.matches(event)).count(),
          subscriptions.streams(event),
          () -> event + " of " + open + ", seed " + seed);
      assertEquals(open.size(), subscriptions.streams());
    }
  }

  private static Filter randomFilter(Random random) {
    String[] patterns = {"a", "b", "c", "a.b", "a.*", "**", "b.**"};
    var some = new ArrayList<String>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      some.add(patterns[random.nextInt(patterns.length)]);
    }
    return Filter.of(some);
  }
}
