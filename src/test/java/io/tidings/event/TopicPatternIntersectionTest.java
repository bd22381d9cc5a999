package io.tidings.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicPatternIntersectionTest {
  private static final List<String> NAMES = List.of("a", "b", "hub");

  @ParameterizedTest
  @CsvSource({
    "a.b,a.b,a.b",
    "a.*,a.b,a.b",
    "a.*,*.b,a.b",
    "a.**,a,a",
    "a.**,**,a.**",
    "*.**,a,a",
    "a.**,*.b.**,a.b.**",
    "a.*.**,a.b,a.b",
    "a.b.**,a.*,a.b",
    "*,*,*",
    "*.*,a.**,a.*",
    "hub.**,hub.log,hub.log",
    "hub.*,hub.**,hub.*",
    "a.b.c,a.**,a.b.c",
    "**,**,**"
  })
  void twoPatternsMeetInOne(String one, String other, String both) {
    assertEquals(Optional.of(new TopicPattern(both)), intersect(one, other));
    assertEquals(Optional.of(new TopicPattern(both)), intersect(other, one));
  }

  @ParameterizedTest
  @CsvSource({
    "a,b",
    "a,a.b",
    "a.*,a",
    "a.*,a.b.c",
    "a.*,b.**",
    "**,hub.**",
    "*,hub.**",
    "*.*,hub.log",
    "**,hub.log",
    "a,A",
    "a.b.**,a"
  })
  void patternsWithoutACommonTopicDoNotMeet(String one, String other) {
    assertEquals(Optional.empty(), intersect(one, other));
    assertEquals(Optional.empty(), intersect(other, one));
  }

  @Test
  void namesThatLookAlikeAreDifferent() {
    assertEquals(Optional.empty(), intersect("caf\u00e9", "cafe\u0301"));
    assertEquals(Optional.empty(), intersect("\u212b", "\u00c5"));
  }

  @Test
  void aPatternContainsWhatItMatches() {
    assertTrue(new TopicPattern("a.**").contains(new TopicPattern("a")));
    assertTrue(new TopicPattern("a.**").contains(new TopicPattern("a.*")));
    assertFalse(new TopicPattern("a.*").contains(new TopicPattern("a.**")));
    assertFalse(new TopicPattern("**").contains(new TopicPattern("hub.log")));
  }

  @Test
  void aFilterIsCutToTheTopicsOfBothAndReduced() {
    Filter asked = Filter.of("**", "orders.new");
    Filter granted = Filter.of("orders.**", "orders.*", "news");
    assertEquals(Optional.of(Filter.of("orders.**", "news")), asked.intersect(granted));
    assertEquals(Optional.empty(), Filter.of("a").intersect(Filter.of("b", "hub.**")));
    assertEquals(Filter.of("a.**", "b"), Filter.of("a.**", "b").union(Filter.of("a.b", "a")));
  }

  @Test
  void theIntersectionMatchesExactlyTheTopicsThatBothMatch() {
    long seed = Long.getLong("tidings.seed", System.nanoTime());
    var random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      Filter one = filter(random);
      Filter other = filter(random);
      Optional<Filter> both = one.intersect(other);
      for (int t = 0; t < 10; t++) {
        List<String> topic = List.of(name(random, NAMES));
        if (topic.get(0).equals("hub")) {
          continue; // never published
        }
        boolean expected = one.matches(topic) && other.matches(topic);
        String message = "seed " + seed + ": " + one + ", " + other + ", " + topic;
        assertEquals(expected, both.isPresent() && both.get().matches(topic), message);
      }
    }
  }

  private static Filter filter(Random random) {
    var patterns = new ArrayList<String>();
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      String name = name(random, List.of("a", "b", "hub", "*"));
      patterns.add(random.nextInt(3) > 0 ? name : random.nextBoolean() ? "**" : name + ".**");
    }
    return Filter.of(patterns);
  }

  private static String name(Random random, List<String> parts) {
    return String.join(
        ".",
        IntStream.range(0, 1 + random.nextInt(4))
            .mapToObj(i -> parts.get(random.nextInt(parts.size())))
            .toList());
  }

  private static Optional<TopicPattern> intersect(String one, String other) {
    return new TopicPattern(one).intersect(new TopicPattern(other));
  }
}
