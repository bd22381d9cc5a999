package io.tidings.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Event;
import io.tidings.event.Filter;
import io.tidings.event.Selection;
import io.tidings.event.Visibility;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class TopicHeadsTest {
  private final TopicHeads heads = new TopicHeads(3);

  private static Event event(String... topics) {
    return new Event(List.of(topics), "", "", Event.NO_RETRY, "");
  }

  private OptionalLong newest(String... topics) {
    return heads.newest(Selection.all(topics));
  }

  @Test
  void itFindsTheNewestOffsetByTopicAndByGlob() {
    heads.add(event("a.x"), 1);
    heads.add(event("a.y", "b"), 2);
    heads.add(event("b"), 3);
    assertEquals(OptionalLong.of(1), newest("a.x"));
    assertEquals(OptionalLong.of(2), newest("a.x", "a.y"));
    assertEquals(OptionalLong.of(2), newest("a.*"));
    assertEquals(OptionalLong.of(3), newest("**"));
    assertEquals(OptionalLong.empty(), newest("c"));
    assertEquals(OptionalLong.empty(), newest("c.**"));
    assertTrue(heads.complete());
  }

  @Test
  void privateEventsAreTheNewestOnlyForThoseWhoMayReadThem() {
    heads.add(event("a", "b"), 1);
    heads.add(event("a").with(Visibility.PRIVATE), 2);
    for (String pattern : List.of("a", "*")) {
      Filter filter = Filter.of(pattern);
      var own = Optional.of(Filter.of("b"));
      assertEquals(OptionalLong.of(2), heads.newest(Selection.all(filter)));
      assertEquals(OptionalLong.of(1), heads.newest(Selection.of(filter, Optional.empty())));
      assertEquals(
          OptionalLong.of(1), heads.newest(Selection.of(filter, own.flatMap(filter::intersect))));
    }
  }

  @Test
  void beyondItsMaximumItEvictsTheLeastRecentlyUsedTopics() {
    heads.add(event("a"), 1);
    heads.add(event("b"), 2);
    heads.add(event("a"), 3);
    heads.add(event("c", "d"), 4);
    assertEquals(OptionalLong.empty(), newest("b"));
    assertEquals(OptionalLong.of(3), newest("a"));
    assertEquals(OptionalLong.of(4), newest("d"));
    assertFalse(heads.complete());
  }

  @Test
  void topicsBeforeAnOffsetAreEvictedAndItStaysComplete() {
    heads.add(event("a"), 1);
    heads.add(event("b"), 2);
    heads.evictBefore(2);
    assertEquals(OptionalLong.empty(), newest("a"));
    assertEquals(OptionalLong.of(2), newest("b"));
    assertTrue(heads.complete());
  }
}
