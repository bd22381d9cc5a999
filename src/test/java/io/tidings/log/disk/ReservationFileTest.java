package io.tidings.log.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.log.disk.SimulatedDisk.Operation;
import io.tidings.metrics.Metrics;
import io.tidings.settings.Settings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReservationFileTest {
  private static final long BLOCK = 1 << 20;

  private final SimulatedDisk disk = new SimulatedDisk(new Random(1));
  private final BackgroundTasks tasks =
      new BackgroundTasks(
          new InlineExecutor(), Settings.of(Map.of()).log().sync(), e -> {}, new Metrics().log());

  private ReservationFile open(long floor) throws IOException {
    return ReservationFile.open(disk, tasks, floor);
  }

  private void damage(long position) throws IOException {
    DataFile file = disk.open(ReservationFile.NAME, Directory.Access.READ_WRITE);
    file.write(ByteBuffer.wrap(new byte[] {'?'}), position);
  }

  @Test
  void aNewLogBeginsWithTheFirstOffset() throws Exception {
    assertEquals(1, open(1).next());
  }

  @Test
  void aReservedOffsetIsNotUsedAgainAfterACrash() throws Exception {
    open(1).reserve(5);
    assertTrue(open(1).next() > 5);
  }

  @Test
  void aReservedOffsetIsNotUsedAgainAfterAPowerCut() throws Exception {
    for (int offset = 1; offset < 20; offset++) {
      open(1).reserve(offset * BLOCK);
      disk.powerCut();
      assertTrue(open(1).next() > offset * BLOCK, "offset " + offset + " * BLOCK");
    }
  }

  @Test
  void offsetsContinueWithoutAGapAfterACleanShutdown() throws Exception {
    ReservationFile reservation = open(1);
    reservation.reserve(5);
    reservation.release(6);
    reservation.close();
    assertEquals(6, open(1).next());
  }

  @Test
  void existingRecordsRaiseTheNextOffset() throws Exception {
    open(1).release(6);
    assertEquals(9, open(9).next());
  }

  @Test
  void reservingAnOffsetThatIsReservedDoesNotTouchTheDisk() throws Exception {
    ReservationFile reservation = open(1);
    reservation.reserve(1);
    int operations = disk.operations();
    reservation.reserve(2);
    reservation.reserve(1_000);
    assertEquals(operations, disk.operations());
  }

  @Test
  void theNextBlockIsReservedInTheBackgroundWhenHalfOfOneIsUsed() throws Exception {
    ReservationFile reservation = open(1);
    reservation.reserve(1);
    long next = reservation.next();
    reservation.reserve(next - BLOCK / 2 - 1);
    assertEquals(next, reservation.next());
    reservation.reserve(next - BLOCK / 2);
    assertEquals(next + BLOCK, reservation.next());
    assertEquals(next + BLOCK, open(1).next());
  }

  @Test
  void aFailedWriteReservesNothingAndIsRetried() throws Exception {
    for (Operation failing : new Operation[] {Operation.WRITE, Operation.FORCE}) {
      ReservationFile reservation = open(1);
      long next = reservation.next();
      disk.fail(failing, 0, 1);
      assertThrows(IOException.class, () -> reservation.reserve(next));
      assertEquals(next, reservation.next());
      reservation.reserve(next);
      assertTrue(reservation.next() > next);
    }
  }

  @Test
  void aFailureInTheBackgroundIsLeftToTheWriter() throws Exception {
    ReservationFile reservation = open(1);
    reservation.reserve(1);
    long next = reservation.next();
    disk.fail(Operation.FORCE, 0, 1);
    reservation.reserve(next - 1);
    assertEquals(next, reservation.next());
    reservation.reserve(next);
    assertEquals(next + BLOCK, reservation.next());
  }

  @Test
  void aDamagedSlotSkipsABlockBecauseItMayHaveHadTheGreaterOffset() throws Exception {
    open(1).release(6);
    damage(3);
    assertEquals(6 + BLOCK, open(1).next());
  }

  @Test
  void aFileWithTwoDamagedSlotsSkipsABlock() throws Exception {
    open(1).release(6);
    damage(3);
    damage(15);
    assertEquals(4 + BLOCK, open(4).next());
  }

  @Test
  void aMissingFileSkipsABlockIfThereAreRecords() throws Exception {
    assertEquals(10 + BLOCK, open(10).next());
  }

  @Test
  void aWriteThatIsTornAfterReopeningLeavesTheHighestOffsetIntact() throws Exception {
    for (int writes = 1; writes < 5; writes++) {
      var files = new SimulatedDisk(new Random(writes));
      ReservationFile reservation = ReservationFile.open(files, tasks, 1);
      for (int i = 1; i <= writes; i++) {
        reservation.reserve(i * 5 * BLOCK);
      }
      long reserved = reservation.next();
      DataFile before = files.open(ReservationFile.NAME, Directory.Access.READ_ONLY);
      ByteBuffer old = ByteBuffer.allocate((int) before.size());
      before.readFully(old, 0);
      ReservationFile.open(files, tasks, 1).extend();
      tear(files, old.array());
      assertTrue(
          ReservationFile.open(files, tasks, 1).next() >= reserved, "after " + writes + " writes");
    }
  }

  /** Damages the bytes that differ from the old ones, as a torn write does. */
  private static void tear(SimulatedDisk files, byte[] old) throws IOException {
    DataFile file = files.open(ReservationFile.NAME, Directory.Access.READ_WRITE);
    ByteBuffer now = ByteBuffer.allocate((int) file.size());
    file.readFully(now, 0);
    for (int i = 0; i < now.capacity(); i++) {
      if (i >= old.length || now.get(i) != old[i]) {
        file.write(ByteBuffer.wrap(new byte[] {(byte) ~now.get(i)}), i);
      }
    }
  }
}
