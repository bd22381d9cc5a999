package io.tidings.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SequenceIndexTest {
  private final SequenceIndex index = new SequenceIndex();

  private List<Long> of(String key) {
    OffsetQueue queue = index.get(key);
    return IntStream.range(0, queue.size()).mapToObj(queue::get).toList();
  }

  @Test
  void theNumbersOfEachKeyAreInTheOrderInWhichTheyWereAdded() {
    index.add("a", 1);
    index.add("b", 2);
    index.add("a", 7);
    assertEquals(List.of(1L, 7L), of("a"));
    assertEquals(List.of(2L), of("b"));
    assertNull(index.get("c"));
  }

  @Test
  void aKeyWithoutNumbersIsReleased() {
    index.add("a", 1);
    index.add("a", 2);
    index.removeFirst("a");
    assertEquals(List.of(2L), of("a"));
    index.removeFirst("a");
    assertNull(index.get("a"));
  }

  @Test
  void aQueueThatGrowsAfterRemovalsKeepsItsOrder() {
    for (long i = 0; i < 3; i++) {
      index.add("a", i);
    }
    index.removeFirst("a");
    index.removeFirst("a");
    for (long i = 3; i < 100; i++) {
      index.add("a", i);
    }
    assertEquals(IntStream.range(2, 100).mapToObj(i -> (long) i).toList(), of("a"));
    assertEquals(99, index.get("a").last());
    assertEquals(3, index.get("a").ceiling(5));
  }

  @Test
  void clearReleasesEverything() {
    index.add("a", 1);
    index.clear();
    assertNull(index.get("a"));
  }
}
