package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class SingleFlightTest {
  private final Queue<Runnable> given = new ArrayDeque<>();
  private final List<String> ran = new ArrayList<>();
  private boolean full;

  private final SingleFlight flight =
      new SingleFlight(
          task -> {
            if (full) {
              throw new OutOfMemoryError("unable to create native thread (simulated)");
            }
            given.add(task);
          });

  @Test
  void whatIsBegunMeanwhileIsDropped() {
    flight.begin(() -> ran.add("first"));
    flight.begin(() -> ran.add("dropped"));
    given.remove().run();
    flight.begin(() -> ran.add("next"));
    given.remove().run();
    assertEquals(List.of("first", "next"), ran);
  }

  @Test
  void aTaskThatThrowsIsOver() {
    flight.begin(
        () -> {
          throw new OutOfMemoryError("simulated");
        });
    assertThrows(OutOfMemoryError.class, given.remove()::run);
    flight.begin(() -> ran.add("next"));
    given.remove().run();
    assertEquals(List.of("next"), ran);
  }

  @Test
  void oneThatCouldNotBeBegunDoesNotRun() {
    full = true;
    assertThrows(OutOfMemoryError.class, () -> flight.begin(() -> ran.add("dropped")));
    full = false;
    flight.begin(() -> ran.add("next"));
    given.remove().run();
    assertEquals(List.of("next"), ran);
  }
}
