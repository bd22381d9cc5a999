package io.tidings.log.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class EpochHistoryTest {
  private final EpochHistory history = new EpochHistory();

  @Test
  void anOffsetIsCommonToAnEpochAndItself() {
    assertEquals(5, history.common(1, 5, 1));
  }

  @Test
  void anUnknownEpochHasNothingInCommon() {
    assertTrue(history.common(1, 5, 2) < 0);
  }

  @Test
  void epochsShareTheEntriesUpToTheChange() {
    history.add(1, OptionalLong.of(10), 2);
    assertEquals(7, history.common(1, 7, 2));
    assertEquals(10, history.common(1, 12, 2));
    assertTrue(history.common(2, 7, 1) < 0, "the other epoch must be the later one");
  }

  @Test
  void overSeveralChangesTheLowestOffsetCounts() {
    history.add(1, OptionalLong.of(10), 2);
    history.add(2, OptionalLong.of(4), 3);
    history.add(3, OptionalLong.of(20), 4);
    assertEquals(4, history.common(1, 12, 4));
    assertEquals(4, history.common(2, 12, 4));
    assertEquals(12, history.common(3, 12, 4));
  }

  @Test
  void epochsWithoutACommonEntryShareNothing() {
    history.add(1, OptionalLong.empty(), 2);
    assertTrue(history.common(1, 7, 2) < 0);
  }

  @Test
  void onlyTheNewestChangesAreRetained() {
    for (long epoch = 1; epoch <= 65; epoch++) {
      history.add(epoch, OptionalLong.of(100), epoch + 1);
    }
    assertTrue(history.common(1, 7, 66) < 0);
    assertEquals(7, history.common(2, 7, 66));
  }
}
