package io.tidings.log.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.log.Retention;
import io.tidings.log.disk.SimulatedDisk.Operation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RecoveryTest {
  private static final SegmentRollPolicy ROLL_POLICY =
      SegmentRollPolicy.of(new Retention(0, Duration.ZERO, 0));

  private final SimulatedDisk disk = new SimulatedDisk(new Random(1));
  private final SegmentWriter writer = new SegmentWriter(disk);
  private List<Segment> segments;

  private Recovery recover() throws IOException {
    segments = SegmentWriter.reopen(disk);
    return Recovery.of(segments);
  }

  /**
   * Writes two publications of one event each, and returns the size of the file before the second
   * one.
   */
  private long twoPublications() throws IOException {
    Segment segment = writer.begin(0);
    writer.publish(1);
    long size = segment.contents().length();
    writer.publish(1);
    return size;
  }

  private DataFile file() throws IOException {
    return disk.open(SegmentFormat.segmentName(1), Directory.Access.READ_WRITE);
  }

  private static void assertReported(String expected, Recovery recovery) throws IOException {
    String report = recovery.report();
    assertTrue(report.contains(expected), report);
  }

  private void assertCutOff(Recovery recovery, long last) throws IOException {
    assertEquals(last, recovery.last());
    assertFalse(recovery.tailDamaged());
    assertEquals(recovery.newest().contents().length(), file().size());
    assertReported("cut off", recovery);
    assertTrue(recovery.canAppendToNewest(ROLL_POLICY));
  }

  @Test
  void anEmptyDirectoryHasNoRecordsAndNoSegmentToAppendTo() throws Exception {
    Recovery recovery = recover();
    assertEquals(0, recovery.last());
    assertEquals(Long.MIN_VALUE, recovery.lastTime());
    assertEquals(0, recovery.lostUpTo());
    assertFalse(recovery.canAppendToNewest(ROLL_POLICY));
    assertEquals("0 entries in 0 segments, 0.0 MB", recovery.report());
  }

  @Test
  void intactRecordsStayAndTheNewestSegmentIsAppendedToAgain() throws Exception {
    twoPublications();
    Recovery recovery = recover();
    assertEquals(2, recovery.last());
    assertEquals(2, recovery.lastTime());
    assertFalse(recovery.tailDamaged());
    assertTrue(recovery.canAppendToNewest(ROLL_POLICY));
    assertEquals("2 entries in 1 segment, 0.0 MB", recovery.report());
  }

  @Test
  void aRecordThatWasWrittenPartlyIsCutOff() throws Exception {
    twoPublications();
    file().truncate(file().size() - 1);
    assertCutOff(recover(), 1);
  }

  @Test
  void aPublicationWithoutItsLastRecordIsCutOffAsAWhole() throws Exception {
    Segment segment = writer.begin(0);
    writer.publish(1);
    long before = segment.contents().length();
    writer.publish(3);
    file().truncate(file().size() - 1);
    Recovery recovery = recover();
    assertCutOff(recovery, 1);
    assertEquals(before, file().size());
  }

  @Test
  void zerosAfterTheLastRecordAreCutOff() throws Exception {
    twoPublications();
    file().write(ByteBuffer.allocate(500), file().size());
    assertCutOff(recover(), 2);
  }

  @Test
  void aDamagedLastRecordIsALossAndItsSegmentIsNotAppendedTo() throws Exception {
    twoPublications();
    file().write(ByteBuffer.wrap(new byte[] {'?'}), file().size() - 1);
    Recovery recovery = recover();
    assertEquals(1, recovery.last());
    assertTrue(recovery.tailDamaged());
    assertFalse(recovery.canAppendToNewest(ROLL_POLICY));
    assertReported("are damaged", recovery);
  }

  @Test
  void theDamagedLengthOfTheLastRecordIsRestored() throws Exception {
    long second = twoPublications();
    file().write(ByteBuffer.wrap(new byte[] {0, 0, 0, 0}), second);
    Recovery recovery = recover();
    assertEquals(2, recovery.last());
    assertFalse(recovery.tailDamaged());
    assertReported("restored the length of the last entry", recovery);
    segments.forEach(Segment::release);
    assertEquals("2 entries in 1 segment, 0.0 MB", recover().report());
  }

  @ParameterizedTest
  @EnumSource(
      value = Operation.class,
      names = {"TRUNCATE", "FORCE"})
  void aSegmentWhoseTailCannotBeCutOffIsNotAppendedTo(Operation failing) throws Exception {
    twoPublications();
    file().truncate(file().size() - 1);
    disk.fail(failing, 0, 1);
    Recovery recovery = recover();
    assertEquals(1, recovery.last());
    assertFalse(recovery.tailDamaged());
    assertFalse(recovery.canAppendToNewest(ROLL_POLICY));
    assertReported("could not cut off", recovery);
  }

  /**
   * The header of the next segment does not exclude them: after damage it names all offsets before
   * itself as lost.
   */
  @Test
  void recordsThatWereCutOffBeforeDamageDoNotReappearAfterAPowerCut() throws Exception {
    for (int seed = 0; seed < 20; seed++) { // what of the changes survives
      var disk = new SimulatedDisk(new Random(seed));
      partOfAPublicationBeforeDamage(disk);
      Recovery recovery = Recovery.of(SegmentWriter.reopen(disk));
      assertTrue(recovery.tailDamaged());
      new SegmentWriter(disk).begin(10);
      disk.force();
      disk.powerCut();
      assertEquals(1, SegmentWriter.reopen(disk).get(0).last(), "seed " + seed);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Operation.class,
      names = {"TRUNCATE", "FORCE"})
  void aLogIsNotOpenedIfPartOfAPublicationBeforeDamageCannotBeCutOff(Operation failing)
      throws Exception {
    partOfAPublicationBeforeDamage(disk);
    disk.fail(failing, 0, 1);
    IOException refused = assertThrows(IOException.class, this::recover);
    assertTrue(refused.getMessage().contains("00000000000000000001.log"), refused.getMessage());
    assertEquals(1, recover().last());
  }

  /** A publication of one event, and one of two, of which the second is damaged. */
  private static void partOfAPublicationBeforeDamage(SimulatedDisk disk) throws IOException {
    var writer = new SegmentWriter(disk);
    Segment segment = writer.begin(0);
    writer.publish(1);
    writer.publish(2);
    segment.file().write(ByteBuffer.wrap(new byte[] {'?'}), segment.file().size() - 1);
    segment.file().force();
    disk.force();
  }

  @Test
  void aSealedSegmentIsNotRepaired() throws Exception {
    Segment segment = writer.begin(0);
    writer.publish(2);
    segment.seal();
    file().write(ByteBuffer.allocate(10), file().size());
    long size = file().size();
    Recovery recovery = recover();
    assertEquals(2, recovery.last());
    assertEquals(size, file().size());
    assertEquals("2 entries in 1 segment, 0.0 MB", recovery.report());
  }

  @Test
  void recordsThatOnlyTheIndexKnowsAreLost() throws Exception {
    long second = twoPublications();
    segments = SegmentWriter.reopen(disk);
    segments.get(0).seal();
    file().truncate(second);
    Recovery recovery = recover();
    assertEquals(1, recovery.last());
    assertEquals(2, recovery.lostUpTo());
    assertTrue(recovery.tailDamaged());
  }

  @Test
  void aMissingSegmentIsReportedAsALoss() throws Exception {
    writer.begin(0);
    writer.publish(1);
    writer.begin(5);
    writer.publish(1);
    Recovery recovery = recover();
    assertEquals(6, recovery.last());
    assertReported("entries are lost in 1 places", recovery);
  }

  @Test
  void aSegmentWithADamagedHeaderIsReportedAndNotAppendedTo() throws Exception {
    Segment segment = writer.begin(0);
    writer.publish(1);
    segment.seal(); // the index knows the salt
    file().write(ByteBuffer.allocate(SegmentFormat.HEADER), 0);
    Recovery recovery = recover();
    assertEquals(1, recovery.last());
    assertFalse(recovery.canAppendToNewest(ROLL_POLICY));
    assertReported("the header of 00000000000000000001.log is damaged", recovery);
  }
}
