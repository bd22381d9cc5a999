package io.tidings.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MemoryBudgetTest {
  private static final long MIB = 1 << 20;

  @Test
  void aShareIsLimitedButASingleReservationMayExceedIt() {
    var share = new MemoryShare("queues", 100);
    assertTrue(share.tryReserve(60));
    assertFalse(share.tryReserve(41));
    assertTrue(share.tryReserve(40));
    assertEquals(0, share.free());
    share.release(100);
    assertTrue(share.tryReserve(1_000), "it would never be served otherwise");
    assertFalse(share.tryReserve(1));
    assertEquals(0, share.free());
    share.release(1_000);
    assertEquals(100, share.free());
  }

  @Test
  void theBacklogIsThatOfTheSlowestReader() {
    var backlog = new DeliveryBacklog(100);
    backlog.publish(30);
    assertEquals(0, backlog.used(), "no event loop is to receive it");
    DeliveryBacklog.Reader fast = backlog.reader();
    DeliveryBacklog.Reader slow = backlog.reader();
    long first = backlog.publish(50);
    long second = backlog.publish(20);
    fast.received(second);
    assertEquals(70, backlog.used());
    slow.received(first);
    assertEquals(20, backlog.used());
    slow.close();
    assertEquals(0, backlog.used());
  }

  @Test
  void anExhaustedBudgetRefusesPublicationsAndStreams() {
    var memory = new MemoryBudget(100 * MIB, 10 * MIB);
    assertTrue(memory.acceptsPublications());
    assertTrue(memory.acceptsStreams());
    memory.batches().reader();
    memory.batches().publish(memory.batches().limit());
    assertFalse(memory.acceptsPublications());
    memory.pages().reserve(memory.pages().limit());
    assertFalse(memory.acceptsStreams());
    memory.pages().release(1);
    assertTrue(memory.acceptsStreams());
  }

  @Test
  void openStreamsReduceTheQueues() {
    var memory = new MemoryBudget(100 * MIB, 10 * MIB);
    long before = memory.queues().limit();
    memory.streams(5_000);
    assertTrue(memory.queues().limit() < before);
    assertTrue(memory.acceptsStreams());
    memory.streams(1_000_000);
    assertTrue(memory.queues().limit() > MIB);
    assertFalse(memory.acceptsStreams(), "streams fill the heap");
    memory.streams(0);
    assertEquals(before, memory.queues().limit());
    assertTrue(memory.acceptsStreams());
  }

  @Test
  void theDefaultIsAPartOfTheJvmsMemory() {
    MemoryBudget memory = MemoryBudget.of(0, 0);
    assertEquals((long) (Runtime.getRuntime().maxMemory() * 0.75), memory.heap());
    assertTrue(memory.direct() > 0);
    long sum = memory.shares().stream().mapToLong(MemoryShare::limit).sum();
    assertTrue(sum + memory.window() + memory.batches().limit() <= memory.heap() + memory.direct());
    assertEquals(7, MemoryBudget.of(7, 9).heap());
    assertEquals(9, MemoryBudget.of(7, 9).direct());
  }
}
