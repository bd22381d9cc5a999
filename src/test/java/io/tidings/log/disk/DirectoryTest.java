package io.tidings.log.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.log.disk.SimulatedDisk.Operation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DirectoryTest {
  private final SimulatedDisk disk = new SimulatedDisk(new Random(1));

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
  }

  private String content(String name) throws IOException {
    DataFile file = disk.open(name, Directory.Access.READ_ONLY);
    ByteBuffer read = ByteBuffer.allocate((int) file.size());
    file.readFully(read, 0);
    return new String(read.array(), StandardCharsets.US_ASCII);
  }

  @Test
  void aFileAppearsWithItsContentAndReplacesTheOldOne() throws Exception {
    disk.createAtomically("file", bytes("a long first content"));
    assertEquals("a long first content", content("file"));
    disk.createAtomically("file", bytes("second")).write(bytes("S"), 0);
    assertEquals("Second", content("file"));
    assertEquals(List.of("file"), disk.names());
  }

  @ParameterizedTest
  @EnumSource(
      value = Operation.class,
      names = {"CREATE", "WRITE", "RENAME"})
  void ifAStepFailsTheOldFileStaysAndNothingIsLeftBehind(Operation step) throws Exception {
    disk.createAtomically("file", bytes("first"));
    disk.fail(step, 0, 1);
    assertThrows(IOException.class, () -> disk.createAtomically("file", bytes("second")));
    assertEquals("first", content("file"));
    assertEquals(List.of("file"), disk.names());
  }

  @Test
  void whereverTheProcessEndsTheNameHasOneOfTheContents() throws Exception {
    for (int step = 0; step < 5; step++) {
      disk.createAtomically("file", bytes("first"));
      disk.endAfter(step);
      try {
        disk.createAtomically("file", bytes("second"));
      } catch (SimulatedDisk.ProcessEnded e) {
        assertTrue(disk.ended());
      }
      disk.restart();
      String now = content("file");
      assertTrue(now.equals("first") || now.equals("second"), now);
    }
  }
}
