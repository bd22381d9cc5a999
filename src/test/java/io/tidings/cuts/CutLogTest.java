package io.tidings.cuts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidings.cuts.CutLog.Place;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CutLogTest {
  private final CutLog log = new CutLog();

  private List<Place> order() {
    var order = new ArrayList<Place>();
    for (long offset = 0; offset < log.end(); offset++) {
      order.add(log.locate(offset));
    }
    return order;
  }

  @Test
  void theOrderIsCutByCutThenShardByShard() {
    log.add(new Cut(0, 2, 1));
    log.add(new Cut(1, 3, 1));
    log.add(new Cut(2, 4, 3));
    assertEquals(
        List.of(
            new Place(0, 0),
            new Place(0, 1),
            new Place(1, 0),
            new Place(0, 2),
            new Place(0, 3),
            new Place(1, 1),
            new Place(1, 2)),
        order());
  }

  @Test
  void everyEventHasTheOffsetAtWhichItIsFound() {
    log.add(new Cut(0, 5, 0, 2));
    log.add(new Cut(1, 5, 7, 2, 1));
    log.add(new Cut(2, 6, 7, 9, 4));
    List<Place> order = order();
    for (int offset = 0; offset < order.size(); offset++) {
      assertEquals(offset, log.offset(order.get(offset)));
    }
    assertEquals(26, order.size());
  }

  @Test
  void aShardThatIsAddedComesLastAndChangesNothingBefore() {
    log.add(new Cut(0, 2, 2));
    List<Place> before = order();
    log.add(new Cut(1, 3, 2, 1));
    assertEquals(before, order().subList(0, before.size()));
    assertEquals(new Place(2, 0), log.locate(5));
  }

  @Test
  void aCutThatIsKnownChangesNothing() {
    log.add(new Cut(0, 2));
    assertFalse(log.add(new Cut(0, 7)));
    assertEquals(2, log.end());
  }

  @Test
  void aMissingCutAndOneThatTakesSomethingBackAreRefused() {
    log.add(new Cut(0, 2, 2));
    assertThrows(IllegalArgumentException.class, () -> log.add(new Cut(2, 3, 3)));
    assertThrows(IllegalArgumentException.class, () -> log.add(new Cut(1, 3, 1)));
    assertThrows(IllegalArgumentException.class, () -> log.add(new Cut(1, 3)));
    assertThrows(IllegalArgumentException.class, () -> new Cut(1, -1));
  }

  @Test
  void whatNoCutHasHasNoOffset() {
    log.add(new Cut(0, 2, 1));
    assertThrows(IndexOutOfBoundsException.class, () -> log.locate(3));
    assertThrows(IndexOutOfBoundsException.class, () -> log.locate(-1));
    assertThrows(IndexOutOfBoundsException.class, () -> log.offset(new Place(1, 1)));
  }
}
