package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CheckpointTableTest {
  private final CheckpointTable table = new CheckpointTable();

  private static byte[] encode(CheckpointTable table) throws IOException {
    var bytes = new ByteArrayOutputStream();
    table.write(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  private int fill() {
    int count = 0;
    while (table.refusal("relay " + count, "7-1").isEmpty()) {
      table.set("relay " + count, "7-1");
      count++;
    }
    return count;
  }

  @Test
  void theNamesAreBoundedAndOnesThatAreThereCanStillBeWritten() {
    int count = fill();
    assertTrue(count > 3_000);
    String more = "relay " + count;
    assertTrue(table.refusal(more, "7-1").orElseThrow().contains(count + " checkpoints"));
    table.set(more, "7-1");
    assertEquals(Optional.empty(), table.find(more));
    assertEquals(Optional.empty(), table.refusal("relay 5", "7-2"));
    table.set("relay 5", "7-2");
    assertEquals(Optional.of("7-2"), table.find("relay 5"));
  }

  @Test
  void anIdIsBoundedToo() {
    String tooLong = "7".repeat(CheckpointTable.MAX_ID_BYTES + 1);
    assertTrue(table.refusal("relay", tooLong).isPresent());
    table.set("relay", tooLong);
    assertEquals(Optional.empty(), table.find("relay"));
  }

  @Test
  void aDecodedTableHasTheSameBytesAndTheSameRoom() throws IOException {
    int count = fill();
    byte[] encoded = encode(table);
    CheckpointTable decoded =
        CheckpointTable.read(new DataInputStream(new ByteArrayInputStream(encoded)));
    assertArrayEquals(encoded, encode(decoded));
    assertTrue(decoded.refusal("relay " + count, "7-1").isPresent());
  }
}
