package io.tidings.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Event;
import io.tidings.event.Position;
import io.tidings.log.Entry;
import io.tidings.log.EventLog;
import io.tidings.log.Retention;
import io.tidings.log.SynchronousLog;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LogHeadTest {
  private final EventLog log =
      new SynchronousLog(new Retention(0, Duration.ZERO, 0), Duration.ZERO, InstantSource.system());
  private final long epoch = log.bounds().epoch();
  private final long otherEpoch = epoch == 0 ? 1 : epoch - 1;
  private LogHead head;

  @BeforeEach
  void open() {
    log.append(List.of(Event.of("a", "1"), Event.of("a", "2")));
    head = new LogHead(log);
  }

  @Test
  void itBeginsAtTheHeadOfTheLogAndStaysThereWhileTheLogGrows() {
    Position begin = log.bounds().head();
    log.append(List.of(Event.of("a", "3")));
    assertEquals(begin, head.position());
    assertEquals(begin.offset(), head.offset());
  }

  @Test
  void itIncludesAllBeforeAnEntryIfNoneIsMissingInBetween() {
    long offset = head.offset();
    assertTrue(head.includesAllBefore(entry(epoch, offset, offset + 1)));
    assertTrue(
        head.includesAllBefore(entry(epoch, offset, offset + 7)), "offsets need not be dense");
    assertTrue(head.includesAllBefore(entry(epoch, offset - 1, offset)), "received a second time");
    assertFalse(head.includesAllBefore(entry(epoch, offset + 1, offset + 2)));
    assertFalse(head.includesAllBefore(entry(otherEpoch, offset, offset + 1)));
  }

  @Test
  void itIncludesTheEntriesThatItAdvancedTo() {
    Entry next = entry(epoch, head.offset(), head.offset() + 5);
    assertFalse(head.includes(next));
    head.advance(next);
    assertTrue(head.includes(next));
    assertSame(next.position(), head.position());
  }

  @Test
  void movedBeforeAnEntryOfAnotherEpochItIncludesAllBeforeThatEntry() {
    Entry next = entry(otherEpoch, 40, 42);
    head.moveBefore(next);
    assertEquals(new Position(otherEpoch, 40), head.position());
    assertTrue(head.inEpoch(otherEpoch));
    assertTrue(head.includesAllBefore(next));
    assertFalse(head.includes(next));
  }

  @Test
  void aCursorOfItsEpochIsComparedByOffset() {
    assertEquals(-1, head.compare(new Position(epoch, 3), 4));
    assertEquals(0, head.compare(new Position(epoch, 4), 4));
    assertEquals(1, head.compare(new Position(epoch, 5), 4));
  }

  @Test
  void aCursorOfTheLogsNewEpochIsBeyondItAndOneOfAnUnknownEpochIsBehind() {
    head.moveBefore(entry(otherEpoch, 40, 42));
    assertEquals(1, head.compare(new Position(epoch, 1), 40));
    assertEquals(-1, head.compare(new Position(epoch + 1, 50), 40));
  }

  @Test
  void thePositionAtItsOwnOffsetIsTheSameObject() {
    assertSame(head.position(), head.at(head.offset()));
    assertEquals(new Position(epoch, 1), head.at(1));
  }

  private static Entry entry(long epoch, long previous, long offset) {
    return Entry.of(new Position(epoch, offset), previous, 0, Event.of("a", "x"));
  }
}
