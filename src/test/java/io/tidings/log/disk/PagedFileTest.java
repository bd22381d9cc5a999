package io.tidings.log.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PagedFileTest {
  private static final int SIZE = 3 * 4_096 + 100;

  private final SimulatedDisk disk = new SimulatedDisk(new Random(1));
  private final ByteBuffer content = ByteBuffer.allocate(SIZE);
  private DataFile file;

  @BeforeEach
  void write() throws IOException {
    new Random(2).nextBytes(content.array());
    file = disk.createAtomically("file", content.duplicate());
  }

  @Test
  void valuesAreReadAtAnyPositionInAnyOrder() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    var paged = new PagedFile(file, SIZE);
    for (int i = 0; i < 2_000; i++) {
      int at = random.nextInt(SIZE - 8);
      String where = "seed " + seed + ", byte " + at;
      assertEquals(content.getLong(at), paged.getLong(at), where);
      assertEquals(content.getInt(at), paged.getInt(at), where);
      assertEquals(content.getShort(at) & 0xffff, paged.getUnsignedShort(at), where);
    }
  }

  @Test
  void theLastValueIsReadAndNothingBehindIt() {
    var paged = new PagedFile(file, SIZE);
    assertEquals(content.getLong(SIZE - 8), paged.getLong(SIZE - 8));
    assertThrows(UncheckedIOException.class, () -> paged.getLong(SIZE - 7));
    assertThrows(UncheckedIOException.class, () -> paged.bytes(SIZE - 1, 2));
    assertEquals(content.getLong(0), paged.getLong(0));
  }

  @Test
  void bytesAreReadAcrossPages() {
    byte[] expected = Arrays.copyOfRange(content.array(), 4_000, 9_000);
    assertArrayEquals(expected, new PagedFile(file, SIZE).bytes(4_000, 5_000));
  }

  @Test
  void aFileThatIsShorterThanItsSizeIsAFailure() {
    var paged = new PagedFile(file, SIZE + 4_096);
    assertThrows(UncheckedIOException.class, () -> paged.getInt(SIZE));
  }

  @Test
  void afterAFailedReadNothingStaleIsReturned() {
    var paged = new PagedFile(file, SIZE);
    paged.getLong(0);
    disk.fail(SimulatedDisk.Operation.READ, 0, 1);
    assertThrows(UncheckedIOException.class, () -> paged.getLong(8_192));
    assertEquals(content.getLong(8_192), paged.getLong(8_192));
    assertEquals(content.getLong(0), paged.getLong(0));
  }
}
