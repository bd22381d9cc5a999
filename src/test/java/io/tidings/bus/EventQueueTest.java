package io.tidings.bus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Event;
import org.junit.jupiter.api.Test;

class EventQueueTest {
  private final long cost = event(0).cost();

  @Test
  void anEventIsRejectedIfThereIsNoRoomUnlessTheQueueIsEmpty() {
    var queue = new EventQueue(3 * cost);
    assertTrue(queue.offer(event(1), 0));
    assertTrue(queue.offer(event(2), 0));
    assertTrue(queue.offer(event(3), 0));
    assertFalse(queue.offer(event(4), 0));
    assertEquals(event(1), queue.poll());
    assertTrue(queue.offer(event(4), 0));
    var small = new EventQueue(1);
    assertTrue(small.offer(event(1), 0));
    assertFalse(small.offer(event(2), 0));
  }

  @Test
  void pushEvictsTheOldestEvents() {
    var queue = new EventQueue(2 * cost);
    queue.push(event(1), 0);
    queue.push(event(2), 0);
    queue.push(event(3), 0);
    assertEquals(2, queue.size());
    assertEquals(event(2), queue.poll());
    assertEquals(event(3), queue.poll());
    assertNull(queue.poll());
  }

  @Test
  void removalAndEvictionMakeRoom() {
    var queue = new EventQueue(3 * cost);
    queue.push(event(1), 10);
    queue.push(event(2), 20);
    queue.push(event(3), 30);
    assertTrue(queue.remove(event(2)));
    assertFalse(queue.remove(event(2)));
    queue.evictBefore(30);
    assertEquals(1, queue.size());
    assertTrue(queue.offer(event(4), 40));
    assertTrue(queue.offer(event(5), 40));
    assertFalse(queue.offer(event(6), 40));
  }

  private static Event event(int number) {
    return Event.of("a", "number " + number);
  }
}
