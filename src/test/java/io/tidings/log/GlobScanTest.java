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
import org.junit.jupiter.api.Test;

class GlobScanTest {
  private static final int MANY = 2 * GlobScan.SLICE + 10;
  private static final int PAGE = 1 << 20;

  private final Window window =
      new Window(new Position(1, 0), 0, new Retention(0, Duration.ZERO, 30_000));

  private void add(String topic, int count) {
    for (int i = 0; i < count; i++) {
      long previous = window.bounds().newest();
      window.add(
          Entry.of(new Position(1, previous + 1), previous, 0, Event.of(topic, "0123456789")), "");
    }
  }

  private GlobScan scan(String pattern) {
    return new GlobScan(window, Selection.all(pattern));
  }

  @Test
  void matchingEntriesAreFoundBehindSeveralSlices() {
    add("busy", MANY);
    add("rare.a", 1);
    add("busy", MANY);
    add("rare.b", 1);
    var page = new PageBuilder(0, PAGE);
    assertTrue(scan("rare.*").collect(page));
    Page built = page.build();
    assertEquals(
        List.of("rare.a", "rare.b"),
        built.entries().stream().map(entry -> entry.event().topic()).toList());
    assertEquals(window.bounds().head(), built.end());
  }

  @Test
  void aFullPageEndsAtItsLastEntry() {
    add("rare.a", 3);
    var page = new PageBuilder(0, 1);
    assertTrue(scan("rare.*").collect(page));
    assertEquals(1, page.build().entries().size());
    assertEquals(new Position(1, 1), page.build().end());
  }

  @Test
  void aScanThatReachesItsLimitEndsThePageWhereItStopped() {
    add("busy", GlobScan.MAX_SCANNED + GlobScan.SLICE);
    var page = new PageBuilder(0, PAGE);
    assertTrue(scan("rare.*").collect(page));
    Page built = page.build();
    assertEquals(List.of(), built.entries());
    assertTrue(built.end().offset() >= GlobScan.MAX_SCANNED);
    assertTrue(built.end().offset() < window.bounds().newest());
  }

  @Test
  void aPositionBeforeTheOldestEntryIsReported() {
    add("a", 30_001);
    assertFalse(scan("**").collect(new PageBuilder(0, PAGE)));
    assertTrue(scan("**").collect(new PageBuilder(1, PAGE)));
  }

  @Test
  void theNewestEntryIsFoundBehindSeveralSlices() {
    assertEquals(Optional.empty(), scan("rare.*").newest());
    add("rare.a", 2);
    add("busy", MANY);
    assertEquals(2, scan("rare.*").newest().orElseThrow().offset());
    assertEquals(Optional.empty(), scan("none.*").newest());
  }
}
