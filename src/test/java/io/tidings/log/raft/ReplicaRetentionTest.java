package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidings.event.Event;
import io.tidings.event.Publication;
import io.tidings.log.EpochAncestors;
import io.tidings.log.Journal;
import io.tidings.log.LocalLog;
import io.tidings.log.Retention;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The retention of a {@link Replica}, which another thread applies than the commands. */
class ReplicaRetentionTest {
  private final List<String> calls = new ArrayList<>();
  private boolean diskRefuses;
  private final Replica replica =
      new Replica((epoch, trustedUpTo) -> log(epoch), new StoppedRetry());

  private static final class StoppedRetry implements CommandApplier.WriteRetry {
    @Override
    public void await(IOException cause) throws InterruptedException {
      throw new InterruptedException("the log is being closed");
    }

    @Override
    public void recovered() {
      throw new AssertionError("nothing was retried");
    }
  }

  private LocalLog log(long epoch) {
    Journal journal =
        (Journal)
            Proxy.newProxyInstance(
                Journal.class.getClassLoader(),
                new Class<?>[] {Journal.class},
                (proxy, method, arguments) -> {
                  calls.add(method.getName());
                  if (diskRefuses && method.getName().equals("append")) {
                    throw new IOException("no space left");
                  }
                  return method.getReturnType() == Optional.class ? Optional.empty() : null;
                });
    var end = new LocalLog.End(0, Long.MIN_VALUE, 1);
    return new LocalLog(epoch, EpochAncestors.NONE, journal, end, Retention.ofBytes(1 << 20));
  }

  private void publish(long index) throws InterruptedException {
    var events = List.of(Event.of("a", "event"));
    replica.apply(1, index, new Command.Publish(1, List.of(Publication.of(events))));
  }

  private List<String> retention() throws IOException {
    calls.clear();
    replica.applyRetention(Retention.ofBytes(1 << 20), 5);
    return calls.stream().filter(call -> !call.equals("extent") && !call.equals("keep")).toList();
  }

  @Test
  void anAppendThatWasGivenUpIsLeftToTheNextRun() throws Exception {
    replica.load(ReplicatedState.empty(7, 10_000, 1 << 20));
    publish(1);
    assertEquals(List.of("expireNewest", "applyRetention"), retention());
    diskRefuses = true;
    assertThrows(InterruptedException.class, () -> publish(2));
    assertEquals(List.of(), retention()); // its records may be in the newest segment
  }
}
