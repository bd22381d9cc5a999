package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class EngineThreadTest {
  private final List<String> done = new CopyOnWriteArrayList<>();

  @Test
  void tasksRunInTheirOrderAndWhatComesAfterTheEndIsDropped() throws Exception {
    var thread = new EngineThread("tidings-raft");
    thread.execute(() -> done.add("first"));
    thread.execute(() -> done.add("second"));
    thread.awaitIdle();
    assertEquals(List.of("first", "second"), done);
    thread.end();
    assertFalse(thread.offer(() -> done.add("late")));
    thread.execute(() -> done.add("late"));
    assertEquals(List.of("first", "second"), done);
  }

  @Test
  void anErrorEndsNeitherTheThreadNorWhatItRepeats() throws Exception {
    var thread = new EngineThread("tidings-raft");
    var repeated = new CountDownLatch(3);
    thread.repeat(
        () -> {
          repeated.countDown();
          throw new OutOfMemoryError("simulated");
        },
        1);
    repeated.await();
    thread.execute(
        () -> {
          throw new OutOfMemoryError("simulated");
        });
    thread.execute(() -> done.add("after"));
    thread.awaitIdle();
    assertEquals(List.of("after"), done);
    thread.end();
  }

  /** Later, when there may be no threads any more, tasks are lost otherwise. */
  @Test
  void theThreadIsThereBeforeItsFirstTask() {
    var thread = new EngineThread("tidings-at-once");
    assertTrue(
        Thread.getAllStackTraces().keySet().stream()
            .anyMatch(one -> one.getName().equals("tidings-at-once")));
    thread.end();
  }
}
