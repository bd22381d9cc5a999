package io.tidings.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.auth.Principal;
import io.tidings.event.Filter;
import io.tidings.event.Position;
import io.tidings.event.ResumeRequest;
import io.tidings.event.Selection;
import io.tidings.fanout.StreamState.Signal;
import io.tidings.log.StreamStart;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Walks the table of states, with real streams. */
class StreamStateTest {
  private static final Filter A = Filter.of("a");
  private TestLoop loop;

  @BeforeEach
  void open() throws Exception {
    loop = new TestLoop();
  }

  @AfterEach
  void close() throws Exception {
    loop.close();
  }

  @ParameterizedTest
  @EnumSource
  void everySignalChangesARealStreamAsTheTableSays(StreamState from) throws Exception {
    for (Signal signal : Signal.values()) {
      if (from.accepts(signal)) {
        try (var fresh = new TestLoop()) {
          var walk = new Walk(fresh);
          fresh.run(
              () -> {
                walk.reach(from);
                walk.send(signal);
                StreamState expected = from.after(signal);
                assertEquals(expected, walk.subscriber.state(), from + " after " + signal);
                Audience audience = walk.subscriber.audience();
                assertEquals(expected.lagging(), audience.lagging().contains(walk.subscriber));
                assertEquals(
                    expected == StreamState.LIVE, audience.live().contains(walk.subscriber));
              });
        }
      } else {
        assertThrows(IllegalStateException.class, () -> from.after(signal));
      }
    }
  }

  @Test
  void everyStateCanBeReachedFromANewStreamAndEveryStreamCanEnd() {
    Set<StreamState> reached = EnumSet.of(StreamState.NEW);
    for (int i = 0; i < StreamState.values().length; i++) {
      for (StreamState state : List.copyOf(reached)) {
        for (Signal signal : Signal.values()) {
          if (state.accepts(signal)) {
            reached.add(state.after(signal));
          }
        }
      }
    }
    assertEquals(EnumSet.allOf(StreamState.class), reached);
    for (StreamState state : StreamState.values()) {
      assertEquals(state != StreamState.LEFT, state.accepts(Signal.END), state.toString());
    }
  }

  @Test
  void aStreamThatHasLeftIsNotWrittenToWhateverFollows() throws Exception {
    var outlet = new FakeOutlet();
    Subscriber subscriber = loop.open(A, outlet);
    loop.run(
        () -> {
          subscriber.leave(CloseReason.CLIENT);
          subscriber.updateState();
          subscriber.pause();
          subscriber.end(CloseReason.DRAINED);
          subscriber.begin(StreamStart.after(loop.log().bounds().head()));
        });
    assertEquals(StreamState.LEFT, subscriber.state());
    assertFalse(outlet.ended());
    assertTrue(outlet.received().isEmpty());
  }

  /** One stream that is taken through its states; on the loop. */
  private static final class Walk {
    private final TestLoop loop;
    private final FakeOutlet outlet = new FakeOutlet();
    private Subscriber subscriber;
    private Position cursor;

    Walk(TestLoop loop) {
      this.loop = loop;
      loop.publish("a", "1", "2");
    }

    void reach(StreamState state) {
      loop.receiveNow();
      subscriber = loop.audiences().open(Principal.HUB, A, WireFormat.EVENT_STREAM, outlet);
      cursor =
          loop.log()
              .find(new ResumeRequest.Earliest(), Selection.all(A), Selection.EVERYTHING)
              .result()
              .after();
      switch (state) {
        case NEW -> {}
        case READING -> send(Signal.BEHIND);
        case PAUSED -> {
          send(Signal.BEHIND);
          send(Signal.NO_PAGE);
        }
        case BLOCKED -> send(Signal.UNWRITABLE);
        case AHEAD -> send(Signal.PAST_HEAD);
        case LIVE -> send(Signal.AT_HEAD);
        case LEFT -> send(Signal.END);
      }
      assertEquals(state, subscriber.state());
    }

    void send(Signal signal) {
      switch (signal) {
        case BEHIND -> {
          outlet.unblock();
          continueAfter(cursor);
        }
        case UNWRITABLE -> {
          outlet.block(1);
          continueAfter(cursor);
        }
        case AT_HEAD -> continueAfter(loop.audiences().context().head().position());
        case PAST_HEAD -> {
          loop.publish("a", "3");
          continueAfter(loop.log().bounds().head());
        }
        case NO_PAGE -> loop.audiences().context().scheduler().pause(subscriber);
        case FALL_BEHIND -> subscriber.audience().fallBehind(subscriber, cursor);
        case END -> subscriber.leave(CloseReason.CLIENT);
      }
    }

    /**
     * Updates the state at the position; a stream that has begun can begin again, with the same
     * effect.
     */
    private void continueAfter(Position position) {
      subscriber.begin(StreamStart.after(position));
    }
  }
}
