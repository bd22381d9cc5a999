package io.tidings.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Event;
import io.tidings.event.Position;
import io.tidings.event.Selection;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class WindowTest {
  private static final long EPOCH = 7;
  private static final int PAGE = 1 << 20;
  private static final int MAX_ENTRIES = 3_000;

  private final Window window =
      new Window(new Position(EPOCH, 100), new Retention(0, Duration.ofMillis(1_000), MAX_ENTRIES));

  /** Adds an entry at every second offset, from 102 on. */
  private Entry add(String topic, String id, long time) {
    long previous = window.bounds().newest();
    var event = new Event(List.of(topic), "", id, Event.NO_RETRY, "data");
    Entry entry = Entry.of(new Position(EPOCH, previous + 2), previous, time, event);
    window.add(entry, "");
    return entry;
  }

  @Test
  void anEmptyWindowHasAnEmptyPageUpToItsHead() {
    Page page = window.after(100, Selection.EVERYTHING, PAGE);
    assertEquals(List.of(), page.entries());
    assertEquals(new Position(EPOCH, 100), page.end());
    assertFalse(window.hasEvicted());
  }

  @Test
  void theOldestEntriesBeyondTheRetentionAreEvictedWithTheirIndexes() {
    Entry first = add("a", "id", 1);
    window.addKey("", "key", 1);
    for (int i = 0; i < MAX_ENTRIES; i++) {
      add("b", "", 2);
    }
    assertEquals(MAX_ENTRIES, window.size().entries());
    assertEquals(first.offset(), window.bounds().start());
    assertTrue(window.hasEvictedSince(1));
    assertFalse(window.hasEvictedSince(2));
    assertEquals(Optional.empty(), window.at(first.position()));
    assertEquals(Optional.empty(), window.newestOf(Selection.all("a")));
    assertEquals(
        OptionalLong.empty(), window.offsetOf("id", Selection.EVERYTHING, Selection.EVERYTHING));
    assertEquals(List.of(), window.withKey("", "key", 0));
    assertEquals(Optional.empty(), window.page(100, Selection.EVERYTHING, PAGE));
    assertEquals(Optional.empty(), window.page(100, Selection.all("b"), PAGE));
    assertEquals(OptionalLong.of(2), window.size().oldestMillis());
  }

  @Test
  void evictionReleasesAllMemory() {
    for (int i = 0; i < 100; i++) {
      add("a", "id" + i, i);
      window.addKey("", i % 10 == 0 ? "again" : "key" + i, 1);
    }
    assertTrue(window.size().bytes() > 0);
    window.evictBefore(Long.MAX_VALUE);
    assertEquals(0, window.size().bytes());
    assertTrue(window.bounds().empty());
  }

  @Test
  void expiredEntriesAreEvicted() {
    add("a", "", 1);
    Entry second = add("a", "", 500);
    window.evictExpired(1_400);
    assertEquals(List.of(second), window.all());
    window.evictExpired(1_501);
    assertEquals(List.of(), window.all());
  }

  @Test
  void aKeyFindsTheEntriesOfItsNewestPublicationUnlessTheyAreTooOld() {
    add("a", "", 1);
    window.addKey("", "key", 1);
    List<Entry> newest = List.of(add("a", "", 5), add("b", "", 5));
    window.addKey("", "key", 2);
    assertEquals(newest, window.withKey("", "key", 5));
    assertEquals(List.of(), window.withKey("", "key", 6));
    assertEquals(List.of(), window.withKey("", "none", 0));
  }

  @Test
  void anIdFindsTheOldestEntryOfTheFilterAndTheNewestOfTheTopic() {
    Entry a = add("a", "id", 1);
    Entry b = add("b", "id", 2);
    Entry newest = add("b", "id", 3);
    assertEquals(
        OptionalLong.of(b.offset()),
        window.offsetOf("id", Selection.all("b"), Selection.EVERYTHING));
    assertEquals(
        OptionalLong.of(a.offset()),
        window.offsetOf("id", Selection.all("none"), Selection.EVERYTHING));
    assertEquals(Optional.of(newest), window.newestWithId("", b.event(), 3));
    assertEquals(Optional.empty(), window.newestWithId("", b.event(), 4));
  }

  @Test
  void offsetsBetweenEntriesAreValidPositions() {
    Entry first = add("a", "", 10);
    Entry second = add("a", "", 20);
    assertEquals(
        List.of(second), window.after(first.offset() + 1, Selection.all("a"), 1).entries());
    assertEquals(Optional.empty(), window.at(new Position(EPOCH, first.offset() + 1)));
    assertEquals(second.id(), window.idAfter(first.offset(), Selection.EVERYTHING));
    assertEquals(first.offset(), window.offsetBefore(11));
    assertEquals(second.offset(), window.offsetBefore(21));
  }

  @Test
  void aGlobFindsTheNewestEntryBehindMoreThanASlice() {
    Entry rare = add("rare.x", "", 1);
    for (int i = 0; i < 2 * GlobScan.SLICE; i++) {
      add("common", "", 1);
    }
    assertEquals(Optional.of(rare), window.newestOf(Selection.all("rare.*")));
    Page page = window.after(rare.offset(), Selection.all("rare.*"), PAGE);
    assertEquals(List.of(), page.entries());
    assertEquals(window.bounds().head(), page.end());
  }

  @Test
  void afterARestartItIsEmptyAndContinuesAtThePosition() {
    add("a", "id", 1);
    assertFalse(window.moveTo(new Position(EPOCH, 900)));
    window.restart(new Position(EPOCH, 500), 9);
    assertEquals(new Bounds(500, new Position(EPOCH, 500)), window.bounds());
    assertTrue(window.hasEvictedSince(9));
    Entry next = add("a", "", 10);
    assertEquals(List.of(next), window.after(500, Selection.all("a"), PAGE).entries());
  }
}
