package io.tidings.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LinkedQueueTest {
  private final LinkedQueue<Element> queue = new LinkedQueue<>();
  private final LinkedQueue<Element> other = new LinkedQueue<>();
  private final List<Element> elements = IntStream.range(0, 8).mapToObj(Element::new).toList();

  private static final class Element extends LinkedQueue.Element<Element> {
    private final int number;

    Element(int number) {
      this.number = number;
    }

    @Override
    public String toString() {
      return "" + number;
    }
  }

  private static List<Element> drain(LinkedQueue<Element> from) {
    var drained = new ArrayList<Element>();
    while (!from.isEmpty()) {
      Element first = from.first();
      assertEquals(first, from.poll());
      drained.add(first);
    }
    assertNull(from.poll());
    assertNull(from.first());
    return drained;
  }

  @Test
  void anElementOfTheQueueThatIsAddedAgainKeepsItsPlace() {
    elements.subList(0, 3).forEach(queue::add);
    queue.add(elements.get(0));
    assertEquals(3, queue.size());
    assertEquals(elements.get(0), queue.poll());
    queue.add(elements.get(0));
    assertEquals(elements.get(1), queue.first());
  }

  @Test
  void anElementWaitsInOneQueueAtMost() {
    elements.subList(0, 3).forEach(queue::add);
    other.add(elements.get(1));
    assertEquals(1, other.size());
    assertEquals(2, queue.size());
    queue.remove(elements.get(1));
    assertEquals(elements.get(1), other.first(), "it is not in the queue");
  }

  @Test
  void itHasTheOrderInWhichElementsWereAddedWhateverIsRemovedBetweenThem() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    Set<Element> model = new LinkedHashSet<>();
    Set<Element> otherModel = new LinkedHashSet<>();
    for (int i = 0; i < 10_000; i++) {
      Element element = elements.get(random.nextInt(elements.size()));
      switch (random.nextInt(4)) {
        case 0 -> {
          queue.add(element);
          otherModel.remove(element);
          model.add(element);
        }
        case 1 -> {
          other.add(element);
          model.remove(element);
          otherModel.add(element);
        }
        case 2 -> {
          queue.remove(element);
          model.remove(element);
        }
        default -> {
          Element polled = queue.poll();
          assertEquals(model.stream().findFirst().orElse(null), polled, "seed " + seed);
          model.remove(polled);
        }
      }
      assertEquals(model.size(), queue.size(), "seed " + seed);
      assertEquals(otherModel.size(), other.size(), "seed " + seed);
    }
    assertEquals(List.copyOf(model), drain(queue), "seed " + seed);
    assertEquals(List.copyOf(otherModel), drain(other), "seed " + seed);
  }

  /** Otherwise an element could be lost for lack of memory. */
  @Test
  void nothingIsAllocated() {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
    for (int i = 0; i < 100_000; i++) {
      for (int k = 0; k < elements.size(); k++) {
        queue.add(elements.get(k));
      }
      queue.remove(elements.get(3));
      for (int k = 1; k < elements.size(); k++) {
        queue.poll();
      }
    }
    long allocated = threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
    assertTrue(allocated < 100_000, allocated + " bytes");
  }
}
