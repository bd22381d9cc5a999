package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.event.Event;
import io.tidings.event.Publication;
import io.tidings.log.raft.ReplicatedState.Result;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class OriginTableTest {
  private final OriginTable table = new OriginTable();

  private static byte[] encode(OriginTable table) throws IOException {
    var bytes = new ByteArrayOutputStream();
    table.write(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  @Test
  void anUnknownOriginHasNoLastNumber() {
    assertEquals(0, table.last(5));
    table.advance(5, 3);
    assertEquals(3, table.last(5));
    assertEquals(0, table.last(6));
  }

  @Test
  void beyondItsBoundTheOriginIsForgottenThatWasUsedLeastRecently() {
    for (long origin = 1; origin <= OriginTable.MAX_ORIGINS; origin++) {
      table.advance(origin, origin);
    }
    table.advance(1, 7);
    table.advance(-1, 1);
    assertEquals(7, table.last(1));
    assertEquals(0, table.last(2));
    assertEquals(3, table.last(3));
    assertEquals(1, table.last(-1));
  }

  @Test
  void aDecodedTableIsEqualInOrderToo() throws IOException {
    table.advance(Long.MIN_VALUE, 1);
    table.advance(Long.MAX_VALUE, 2);
    table.advance(Long.MIN_VALUE, 3);
    byte[] encoded = encode(table);
    OriginTable decoded = OriginTable.read(new DataInputStream(new ByteArrayInputStream(encoded)));
    assertArrayEquals(encoded, encode(decoded));
    assertEquals(3, decoded.last(Long.MIN_VALUE));
  }

  /** A command may arrive twice, with a leader between whose clock is wrong. */
  @Test
  void aLeaderWhoseClockIsDaysAheadHasNoOriginForgotten() {
    ReplicatedState state = ReplicatedState.empty(7, 0, 0);
    var twice =
        new Command.Publish(0, 5, 1, List.of(Publication.of(List.of(Event.of("a", "once")))));
    state.apply(1, twice);
    var ahead =
        new Command.Publish(
            Duration.ofDays(400).toMillis(),
            6,
            1,
            List.of(Publication.of(List.of(Event.of("a", "other")))));
    state.apply(2, ahead);
    assertEquals(List.of(new Result.Repeated()), state.apply(3, twice).results());
    assertEquals(3, state.next());
  }
}
