package io.tidings.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Event;
import io.tidings.event.Publication;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CommitQueueTest {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Publication ONE = Publication.of(List.of(Event.of("a", "1")));
  private static final Publication TWO = Publication.of(List.of(Event.of("a", "2")));

  private final CommitQueue queue =
      new CommitQueue(
          new CommitLimits(Duration.ZERO, PATIENCE, Duration.ZERO, ONE.cost() + TWO.cost()));
  private final List<PendingPublication> group = new ArrayList<>();

  @Test
  void publicationsAreDrainedInOrder() throws Exception {
    queue.add(ONE, 0);
    queue.add(TWO, 0);
    queue.drainTo(group, 0);
    assertEquals(List.of(ONE, TWO), group.stream().map(PendingPublication::publication).toList());
    assertTrue(queue.isEmpty());
  }

  @Test
  void beyondItsBoundItRefusesUntilItIsDrained() throws Exception {
    queue.add(ONE, 0);
    queue.add(TWO, 0);
    assertInstanceOf(LogUnavailable.class, queue.add(ONE, 0).cause());
    queue.drainTo(group, 0);
    assertFalse(queue.add(ONE, 0).isComplete());
  }

  @Test
  void aPublicationLargerThanTheBoundIsAcceptedAlone() {
    Publication large = Publication.of(List.of(Event.of("a", "x".repeat(10_000))));
    assertFalse(queue.add(large, 0).isComplete());
    assertTrue(queue.add(ONE, 0).failed());
  }

  @Test
  void anOverduePublicationFailsAndIsNotDrainedAndFreesItsMemory() throws Exception {
    Future<List<Entry>> overdue = queue.add(ONE, 0);
    Future<List<Entry>> later = queue.add(TWO, 1);
    queue.expire(PATIENCE.toNanos());
    assertInstanceOf(LogUnavailable.class, overdue.cause());
    assertFalse(later.isComplete());
    assertFalse(queue.add(ONE, 1).isComplete());
    queue.drainTo(group, 0);
    assertEquals(List.of(TWO, ONE), group.stream().map(PendingPublication::publication).toList());
  }

  @Test
  void aWakeUpAddsNothingToTheGroup() throws Exception {
    queue.wakeUp();
    queue.drainTo(group, 10_000);
    assertEquals(List.of(), group);
  }

  @Test
  void allPublicationsFailWhenTheLogIsClosed() {
    Future<List<Entry>> result = queue.add(ONE, 0);
    var closed = new LogUnavailable("closed", null);
    queue.failAll(closed);
    assertEquals(closed, result.cause());
    assertTrue(queue.isEmpty());
  }
}
