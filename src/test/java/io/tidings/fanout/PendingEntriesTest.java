package io.tidings.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Event;
import io.tidings.event.Position;
import io.tidings.log.Entry;
import io.tidings.memory.MemoryBudget;
import io.tidings.wire.SseFrame;
import java.util.List;
import org.junit.jupiter.api.Test;

class PendingEntriesTest {
  private static final int KILOBYTE = 1024;

  private final MemoryBudget memory = new MemoryBudget(1 << 30, 64 << 20);
  private final PendingEntries pending = new PendingEntries(WireFormat.EVENT_STREAM, memory);
  private long offset;

  @Test
  void anEntryThatIsOfferedForEachOfItsTopicsIsAddedOnce() {
    Entry entry = entry(10);
    assertTrue(pending.add(entry, 0, 0));
    assertTrue(pending.add(entry, 0, 0));
    assertEquals(List.of(entry), forChunk());
  }

  @Test
  void aChunkHasTheOldestEntriesThatFitAndTheNextChunkTheOthers() {
    List<Entry> entries = List.of(entry(20 * KILOBYTE), entry(20 * KILOBYTE), entry(20 * KILOBYTE));
    entries.forEach(entry -> pending.add(entry, 0, 0));
    assertEquals(entries.subList(0, 2), forChunk());
    pending.remove(2);
    assertEquals(1, pending.size());
    assertEquals(entries.subList(2, 3), forChunk());
    pending.remove(1);
    assertTrue(pending.isEmpty());
  }

  @Test
  void anEntryThatIsTooLargeForAChunkIsInNone() {
    pending.add(entry(PendingEntries.CHUNK_BYTES), 0, 0);
    assertEquals(List.of(), forChunk());
  }

  @Test
  void chunksAreSmallWhileMemoryIsScarceButAlwaysHaveOneEntry() {
    List<Entry> entries = List.of(entry(3 * KILOBYTE), entry(3 * KILOBYTE), entry(30 * KILOBYTE));
    entries.forEach(entry -> pending.add(entry, 0, 0));
    memory.chunks().reserve(memory.chunks().limit());
    assertEquals(entries.subList(0, 2), forChunk());
    pending.remove(2);
    assertEquals(entries.subList(2, 3), forChunk());
  }

  @Test
  void theMaximumNumberOfEntriesMustNotBeExceeded() {
    for (int i = 0; i < PendingEntries.MAX_ENTRIES; i++) {
      assertTrue(pending.add(entry(1), 0, 0));
    }
    assertFalse(pending.add(entry(1), 0, 0));
  }

  @Test
  void theBytesOfTheLogAreCountedFromTheOldestEntry() {
    long most = 16 << 20;
    assertFalse(pending.exceeds(Long.MAX_VALUE), "there are none");
    assertTrue(pending.add(entry(1), 0, 1_000));
    assertTrue(pending.add(entry(1), 0, 1_000 + most));
    assertFalse(pending.exceeds(1_000 + most));
    assertTrue(pending.exceeds(1_001 + most));
    assertFalse(pending.add(entry(1), 0, 1_001 + most));
    pending.clear();
    assertTrue(pending.add(entry(1), 0, 1_001 + most));
  }

  @Test
  void theBytesOfTheLogAreLimitedByTheMemoryBudgetToo() {
    var small = new MemoryBudget(1 << 20, 1 << 20);
    var few = new PendingEntries(WireFormat.EVENT_STREAM, small);
    few.add(entry(1), 0, 0);
    assertFalse(few.exceeds(small.batches().limit()));
    assertTrue(few.exceeds(small.batches().limit() + 1));
  }

  @Test
  void theTimeOfTheOldestIsThatOfTheFirstEntryAddedSinceThereWasNone() {
    pending.add(entry(1), 7, 0);
    pending.add(entry(1), 8, 0);
    assertEquals(7, pending.since());
    pending.remove(2);
    pending.add(entry(1), 9, 0);
    assertEquals(9, pending.since());
  }

  /** The entries whose frames go into the next chunk. */
  private List<Entry> forChunk() {
    List<SseFrame> frames = pending.framesForChunk();
    List<Entry> entries = pending.oldest(frames.size());
    assertEquals(entries.stream().map(Entry::frame).toList(), frames);
    return entries;
  }

  private Entry entry(int bytes) {
    return Entry.of(new Position(1, ++offset), offset - 1, 0, Event.of("a", "x".repeat(bytes)));
  }
}
