package io.tidings.log.disk;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class HashFilterTest {
  private static final int COUNT = 10_000;

  @Test
  void anEmptyFilterContainsNothing() {
    assertFalse(new HashFilter(0).mightContain(0));
    assertFalse(new HashFilter(COUNT).mightContain(0));
  }

  @Test
  void everyAddedHashIsContained() {
    var random = new Random(1);
    var filter = new HashFilter(COUNT);
    for (int i = 0; i < COUNT; i++) {
      filter.add(random.nextLong());
    }
    random.setSeed(1);
    for (int i = 0; i < COUNT; i++) {
      assertTrue(filter.mightContain(random.nextLong()));
    }
  }

  @Test
  void fewOtherHashesAreReportedEvenIfHashesAreConsecutive() {
    var filter = new HashFilter(COUNT);
    for (int i = 0; i < COUNT; i++) {
      filter.add(i);
    }
    int reported = 0;
    for (int i = COUNT; i < 2 * COUNT; i++) {
      reported += filter.mightContain(i) ? 1 : 0;
    }
    assertTrue(reported < COUNT / 25, reported + " of " + COUNT);
  }
}
