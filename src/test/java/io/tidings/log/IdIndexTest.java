package io.tidings.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class IdIndexTest {
  private final IdIndex index = new IdIndex(256);

  @Test
  void itFindsTheOffsetsOfAnIdTheOldestFirst() {
    index.add("a", 1);
    index.add("b", 2);
    index.add("a", 9);
    assertArrayEquals(new long[] {1, 9}, index.offsets("a"));
    assertArrayEquals(new long[] {2}, index.offsets("b"));
    assertArrayEquals(new long[0], index.offsets("c"));
  }

  @Test
  void itEvictsTheOldestEntriesBeyondItsMaximum() {
    for (int i = 1; i <= 1_000; i++) {
      index.add("id" + i, i);
    }
    assertEquals(256, index.size());
    assertArrayEquals(new long[0], index.offsets("id744"));
    assertArrayEquals(new long[] {745}, index.offsets("id745"));
    assertArrayEquals(new long[] {1_000}, index.offsets("id1000"));
  }

  @Test
  void ofManyEntriesWithTheSameIdItKeepsTheOldest() {
    for (int i = 1; i <= 200; i++) {
      index.add("same", i);
    }
    assertEquals(IdIndex.MAX_SAME_ID, index.offsets("same").length);
    assertEquals(1, index.offsets("same")[0]);
    assertEquals(IdIndex.MAX_SAME_ID, index.size());
  }

  @Test
  void itBehavesLikeAList() {
    var random = new Random(11);
    record Known(String id, long offset) {}
    var all = new ArrayList<Known>();
    for (int i = 1; i <= 5_000; i++) {
      String id = "id" + random.nextInt(300);
      index.add(id, i);
      all.add(new Known(id, i));
      if (random.nextInt(100) == 0) {
        long before = i - random.nextInt(200);
        index.evictBefore(before);
        all.removeIf(known -> known.offset < before);
      }
      if (all.size() > 256) {
        all.remove(0);
      }
      String asked = "id" + random.nextInt(300);
      List<Long> found = all.stream().filter(k -> k.id.equals(asked)).map(Known::offset).toList();
      assertArrayEquals(found.stream().mapToLong(o -> o).toArray(), index.offsets(asked));
    }
    assertEquals(all.size(), index.size());
  }
}
