package io.tidings.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Event;
import io.tidings.event.Position;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class EntryRingTest {
  private final EntryRing ring = new EntryRing();

  /** Adds an entry at each offset; its time is ten times the offset. */
  private void add(long... offsets) {
    for (long offset : offsets) {
      ring.add(Entry.of(new Position(1, offset), offset - 1, 10 * offset, Event.of("a", "x")));
    }
  }

  private static List<Long> offsets(List<Entry> entries) {
    return entries.stream().map(Entry::offset).toList();
  }

  @Test
  void anEmptyRingHasNoOldestTime() {
    assertTrue(ring.isEmpty());
    assertEquals(0, ring.bytes());
    assertEquals(OptionalLong.empty(), ring.oldestTime());
    assertEquals(ring.end(), ring.ceiling(1));
  }

  @Test
  void entriesAreFoundByTheirSequenceNumberWhateverTheirOffset() {
    add(10, 20, 70);
    assertEquals(3, ring.size());
    assertEquals(20, ring.get(1).offset());
    assertEquals(OptionalLong.of(100), ring.oldestTime());
    assertEquals(List.of(20L, 70L), offsets(ring.slice(1, 3)));
    assertEquals(List.of(), ring.slice(1, 1));
  }

  @Test
  void sequenceNumbersContinueAfterRemovalAndAfterClear() {
    add(10, 20);
    assertEquals(10, ring.removeFirst().offset());
    assertEquals(1, ring.first());
    ring.clear();
    assertTrue(ring.isEmpty());
    assertEquals(0, ring.bytes());
    add(30);
    assertEquals(2, ring.first());
    assertEquals(30, ring.get(2).offset());
  }

  @Test
  void anOffsetOrATimeFindsTheFirstEntryThatIsNotBeforeIt() {
    add(10, 20, 70);
    ring.removeFirst();
    assertEquals(1, ring.ceiling(0));
    assertEquals(1, ring.ceiling(20));
    assertEquals(2, ring.ceiling(21));
    assertEquals(ring.end(), ring.ceiling(71));
    assertEquals(2, ring.firstSince(201));
    assertEquals(ring.end(), ring.firstSince(701));
  }

  @Test
  void theSizeIsThatOfTheEntriesInTheRing() {
    add(1, 2, 3);
    long each = ring.get(0).cost();
    assertEquals(3 * each, ring.bytes());
    ring.removeFirst();
    assertEquals(2 * each, ring.bytes());
  }

  @Test
  void growthKeepsTheOrderWhereverTheRingBegins() {
    add(LongStream.rangeClosed(1, 50).toArray());
    for (int i = 0; i < 40; i++) {
      ring.removeFirst();
    }
    add(LongStream.rangeClosed(51, 400).toArray());
    assertEquals(
        LongStream.rangeClosed(41, 400).boxed().toList(),
        offsets(ring.slice(ring.first(), ring.end())));
  }
}
