package io.tidings.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class OffsetMergeTest {
  private static OffsetQueue list(long... numbers) {
    var list = new OffsetQueue();
    for (long number : numbers) {
      list.add(number);
    }
    return list;
  }

  private static List<Long> merge(List<OffsetQueue> lists, long from) {
    var merge = new OffsetMerge(lists, from);
    var numbers = new ArrayList<Long>();
    while (merge.advance()) {
      assertEquals(merge.number(), lists.get(merge.list()).get(merge.row()));
      numbers.add(merge.number());
    }
    assertFalse(merge.advance());
    return numbers;
  }

  @Test
  void noListsAndEmptyListsHaveNoNumbers() {
    assertEquals(List.of(), merge(List.of(), 0));
    assertEquals(List.of(), merge(List.of(list(), list()), 0));
  }

  @Test
  void aNumberInSeveralListsIsReturnedOnce() {
    assertEquals(List.of(1L, 2L, 3L, 9L), merge(List.of(list(1, 2, 9), list(2, 3, 9), list(2)), 0));
  }

  @Test
  void numbersBeforeTheFirstAreSkipped() {
    assertEquals(List.of(5L, 6L), merge(List.of(list(1, 5), list(4, 6), list(2)), 5));
  }

  @Test
  void theResultIsTheSortedUnionOfRandomLists() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    for (int run = 0; run < 200; run++) {
      var lists = new ArrayList<OffsetQueue>();
      var union = new TreeSet<Long>();
      int from = random.nextInt(50);
      for (int i = random.nextInt(20); i > 0; i--) {
        var numbers = new TreeSet<Long>();
        for (int n = random.nextInt(30); n > 0; n--) {
          numbers.add((long) random.nextInt(100));
        }
        lists.add(list(numbers.stream().mapToLong(number -> number).toArray()));
        union.addAll(numbers.tailSet((long) from));
      }
      assertEquals(List.copyOf(union), merge(lists, from), "seed " + seed + ", run " + run);
    }
  }
}
