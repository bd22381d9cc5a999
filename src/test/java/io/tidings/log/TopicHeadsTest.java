package io.tidings.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Filter;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class TopicHeadsTest {
  private final TopicHeads heads = new TopicHeads(3);

  private OptionalLong newest(String... topics) {
    return heads.newest(Filter.of(topics));
  }

  @Test
  void itFindsTheNewestOffsetByTopicAndByGlob() {
    heads.add(List.of("a.x"), 1);
    heads.add(List.of("a.y", "b"), 2);
    heads.add(List.of("b"), 3);
    assertEquals(OptionalLong.of(1), newest("a.x"));
    assertEquals(OptionalLong.of(2), newest("a.x", "a.y"));
    assertEquals(OptionalLong.of(2), newest("a.*"));
    assertEquals(OptionalLong.of(3), newest("**"));
    assertEquals(OptionalLong.empty(), newest("c"));
    assertEquals(OptionalLong.empty(), newest("c.**"));
    assertTrue(heads.complete());
  }

  @Test
  void beyondItsMaximumItEvictsTheLeastRecentlyUsedTopics() {
    heads.add(List.of("a"), 1);
    heads.add(List.of("b"), 2);
    heads.add(List.of("a"), 3);
    heads.add(List.of("c", "d"), 4);
    assertEquals(OptionalLong.empty(), newest("b"));
    assertEquals(OptionalLong.of(3), newest("a"));
    assertEquals(OptionalLong.of(4), newest("d"));
    assertFalse(heads.complete());
  }

  @Test
  void topicsBeforeAnOffsetAreEvictedAndItStaysComplete() {
    heads.add(List.of("a"), 1);
    heads.add(List.of("b"), 2);
    heads.evictBefore(2);
    assertEquals(OptionalLong.empty(), newest("a"));
    assertEquals(OptionalLong.of(2), newest("b"));
    assertTrue(heads.complete());
  }
}
