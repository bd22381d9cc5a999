package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StateSavingTest {
  private final AtomicLong now = new AtomicLong(5);
  private final Queue<Runnable> saver = new ArrayDeque<>();
  private final List<String> told = new ArrayList<>();
  private boolean forceFails;
  private boolean saveFails;
  private long index;
  private final StateSaving saving =
      new StateSaving(new Disk(), saver::add, failure -> told.add("force failed"), now::get);

  private final class Disk implements StateSaving.Store {
    @Override
    public void force() throws IOException {
      if (forceFails) {
        throw new IOException("input/output error");
      }
    }

    @Override
    public void save(Replica.Saved state) throws IOException {
      if (saveFails) {
        throw new IOException("no space left");
      }
      told.add("saved " + state.index());
    }
  }

  private void apply(int bytes, boolean due) {
    index++;
    saving.applied(bytes, due, () -> new Replica.Saved(1, index, null));
  }

  private void runSaver() {
    while (!saver.isEmpty()) {
      saver.remove().run();
    }
  }

  @Test
  void aStateIsSavedAfterSoManyBytesOrCommandsOrSuchATime() {
    apply((int) StateSaving.MAX_BYTES - 1, false);
    runSaver();
    assertEquals(List.of(), told);
    apply(1, false);
    runSaver();
    assertEquals(List.of("saved 2"), told);
    for (int i = 0; i < StateSaving.MAX_COMMANDS; i++) {
      apply(1, false);
    }
    runSaver();
    assertEquals("saved " + index, told.get(1));
    now.addAndGet(StateSaving.MAX_NANOS);
    apply(1, false);
    runSaver();
    assertEquals(List.of("saved " + index), told.subList(2, told.size()));
  }

  @Test
  void whileOneIsSavedNoOtherIs() {
    apply(1, true);
    apply(1, true);
    runSaver();
    assertEquals(List.of("saved 1"), told);
    apply(1, true);
    runSaver();
    assertEquals(List.of("saved 1", "saved 3"), told);
  }

  @Test
  void aStateWhoseEntriesCannotBeForcedIsNotSaved() {
    forceFails = true;
    apply(1, true);
    runSaver();
    assertEquals(List.of("force failed"), told);
  }

  @Test
  void whatCouldNotBeSavedIsSavedWithALaterCommand() {
    saveFails = true;
    apply(1, true);
    runSaver();
    saveFails = false;
    apply(1, true);
    runSaver();
    assertEquals(List.of("saved 2"), told);
  }
}
