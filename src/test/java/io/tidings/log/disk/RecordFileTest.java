package io.tidings.log.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.log.ExpiringRecord;
import io.tidings.log.ExpiringRecords;
import io.tidings.log.ExpiringRecordsContract;
import io.tidings.log.LocalRecords;
import io.tidings.log.LogUnavailable;
import io.tidings.log.ManualClock;
import io.tidings.log.OutcomeUnknown;
import io.tidings.log.RecordTable;
import io.tidings.log.disk.SimulatedDisk.Operation;
import io.tidings.log.disk.SimulatedDisk.ProcessEnded;
import io.tidings.metrics.Metrics;
import io.tidings.settings.LogSettings;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordFileTest extends ExpiringRecordsContract {
  private final ManualClock clock = new ManualClock();
  private final SimulatedDisk disk = new SimulatedDisk(new Random(1));
  private LocalRecords records;

  @Override
  protected ExpiringRecords records() throws IOException {
    if (records == null) {
      records = open(disk);
    }
    return records;
  }

  @Override
  protected ExpiringRecords others() throws IOException {
    return records();
  }

  private LocalRecords open(Directory on) throws IOException {
    return LocalRecords.stored(
        RecordFile.read(on).records(), new RecordFile(on), clock.cautious(), new InlineExecutor());
  }

  private List<String> values() throws IOException {
    return RecordFile.read(disk).records().stream().map(ExpiringRecord::value).toList();
  }

  private void put(String... values) throws Exception {
    for (String value : values) {
      get(records().putIfAbsent(record("a", "key " + value, value)));
    }
  }

  private byte[] content() throws IOException {
    DataFile file = disk.open(RecordFile.NAME, Directory.Access.READ_ONLY);
    ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
    file.readFully(bytes, 0);
    return bytes.array();
  }

  private void write(byte[] content) throws IOException {
    disk.create(RecordFile.NAME).write(ByteBuffer.wrap(content), 0);
  }

  private String damage() {
    return assertThrows(IOException.class, () -> RecordFile.read(disk)).getMessage();
  }

  @Test
  void aLogWithoutRecordsHasNoFile() throws Exception {
    get(open(disk).close());
    assertEquals(List.of(), disk.names());
  }

  @Test
  void recordsAreThereAfterAPowerCut() throws Exception {
    put("1", "2");
    disk.powerCut();
    records = null;
    put("3");
    disk.powerCut();
    assertEquals(List.of("1", "2", "3"), values());
  }

  @Test
  void anIncompleteAdditionAtTheEndIsDroppedWhereverItWasTorn() throws Exception {
    put("1", "2");
    int length = content().length;
    put("3");
    byte[] whole = content();
    for (int end = length; end < whole.length; end++) {
      write(Arrays.copyOf(whole, end));
      RecordFile.Contents contents = RecordFile.read(disk);
      assertEquals(2, contents.records().size());
      assertEquals(end - length, contents.tornBytes());
    }
    records = null;
    put("4");
    assertEquals(List.of("1", "2", "4"), values());
  }

  @Test
  void damageBeforeOtherRecordsIsReportedWithTheNameOfTheFile() throws Exception {
    put("1", "2");
    int length = content().length;
    put("3");
    byte[] whole = content();
    for (int at = 0; at < length; at++) {
      byte[] damaged = whole.clone();
      damaged[at] ^= 0x40;
      write(damaged);
      String message = damage();
      assertTrue(message.startsWith("expiring: "), message);
      assertEquals(1, message.lines().count());
    }
  }

  @Test
  void aFileThatWasCutWithinItsFirstPartIsDamaged() throws Exception {
    put("1", "2", "3");
    disk.restart();
    open(disk); // writes all as the first part
    byte[] whole = content();
    for (int end = 0; end < whole.length; end++) {
      write(Arrays.copyOf(whole, end));
      assertTrue(damage().startsWith("expiring: "));
    }
  }

  @Test
  void aLogWithADamagedFileIsNotOpenedAndTheCheckNamesIt(@TempDir Path dir) throws Exception {
    LogSettings settings = Settings.of(Map.of("log.dir", dir.toString())).log();
    get(DiskLog.open(settings, clock, new Metrics()).close());
    Files.write(dir.resolve(RecordFile.NAME), new byte[100]);
    var refused =
        assertThrows(IOException.class, () -> DiskLog.open(settings, clock, new Metrics()));
    assertTrue(refused.getMessage().startsWith("expiring: "), refused::getMessage);
    try (LogFiles files = LogFiles.open(dir)) {
      assertEquals(List.of(refused.getMessage()), files.check());
    }
  }

  @Test
  void aFailedAdditionIsNotStored() throws Exception {
    for (Operation failing : List.of(Operation.WRITE, Operation.FORCE)) {
      put("1" + failing);
      disk.dropsUnforced();
      disk.fail(failing, 0, 1);
      var failure = assertThrows(ExecutionException.class, () -> put("2" + failing));
      assertTrue(failure.getCause().getMessage().endsWith("nothing was stored"));
      put("3" + failing);
    }
    disk.powerCut();
    assertEquals(List.of("1WRITE", "3WRITE", "1FORCE", "3FORCE"), values());
  }

  @Test
  void ifItIsNotKnownWhetherARecordIsStoredTheAnswerSaysSo() throws Exception {
    put("1");
    disk.fail(Operation.FORCE, 0, 1);
    disk.fail(Operation.CREATE, 0, 2);
    var unknown = assertThrows(ExecutionException.class, () -> put("2"));
    assertInstanceOf(OutcomeUnknown.class, unknown.getCause());
    var refused = assertThrows(ExecutionException.class, () -> put("3"));
    assertTrue(refused.getCause().getMessage().endsWith("nothing was stored"));
    put("4");
    assertEquals(List.of("1", "4"), values());
  }

  @Test
  void recordsThatHaveEndedDoNotStayInTheFile() throws Exception {
    for (int i = 0; i < 2_000; i++) {
      var record =
          new ExpiringRecord("a", "key " + i, "x".repeat(100), clock.instant().plusSeconds(1));
      get(records().putIfAbsent(record));
      clock.advance(Duration.ofSeconds(60));
    }
    long kept = RecordTable.GRACE.dividedBy(Duration.ofSeconds(60));
    assertTrue(content().length < 700 * 200, content().length + " bytes");
    assertTrue(RecordFile.read(disk).records().size() >= kept);
  }

  /**
   * Lives of a process on a disk that fails: what was acknowledged is there in every later life
   * with the value that was answered, and what was refused is not.
   */
  @Test
  void whatWasAnsweredIsTrueWhateverTheDiskDoes() {
    FaultRuns.repeat(400, RecordFileTest::lives);
  }

  private static void lives(long seed) throws Exception {
    var random = new Random(seed);
    var simulated = new SimulatedDisk(random);
    if (random.nextBoolean()) {
      simulated.dropsUnforced();
    }
    Map<String, String> acknowledged = new HashMap<>();
    Set<String> refused = new HashSet<>();
    int number = 0;
    for (int life = 0; life < 6; life++) {
      number = life(random, simulated, acknowledged, refused, number);
      if (random.nextBoolean()) {
        simulated.powerCut();
      } else {
        simulated.restart();
      }
      check(simulated, acknowledged, refused);
    }
  }

  private static int life(
      Random random,
      SimulatedDisk simulated,
      Map<String, String> acknowledged,
      Set<String> refused,
      int from)
      throws Exception {
    int number = from;
    try {
      var file = RecordFile.read(simulated).records();
      if (random.nextInt(3) == 0) {
        simulated.endAfter(random.nextInt(60));
      }
      var local =
          LocalRecords.stored(
              file, new RecordFile(simulated), new ManualClock().cautious(), new InlineExecutor());
      for (int i = 0; i < 15; i++) {
        if (random.nextInt(4) == 0) {
          Operation[] all = Operation.values();
          simulated.fail(all[random.nextInt(all.length)], random.nextInt(3), random.nextInt(4));
        }
        number++;
        String key = random.nextInt(4) == 0 ? "key " + random.nextInt(number) : "key " + number;
        answer(
            local.putIfAbsent(record("a", key, "" + number)),
            key,
            "" + number,
            acknowledged,
            refused);
      }
    } catch (ProcessEnded e) {
      // its last record may be there or not
    }
    return number;
  }

  private static void answer(
      Future<ExpiringRecord> answer,
      String key,
      String value,
      Map<String, String> acknowledged,
      Set<String> refused) {
    if (answer.succeeded()) {
      String first = acknowledged.putIfAbsent(key, answer.result().value());
      assertTrue(first == null || first.equals(answer.result().value()), "another one is first");
    } else if (answer.cause() instanceof LogUnavailable
        && !(answer.cause() instanceof OutcomeUnknown)) {
      refused.add(value);
    }
  }

  private static void check(
      SimulatedDisk simulated, Map<String, String> acknowledged, Set<String> refused)
      throws IOException {
    Map<String, String> found = new HashMap<>();
    for (ExpiringRecord record : new ArrayList<>(RecordFile.read(simulated).records())) {
      found.put(record.key(), record.value());
    }
    acknowledged.forEach((key, value) -> assertEquals(value, found.get(key), key));
    refused.forEach(value -> assertTrue(!found.containsValue(value), value + " was refused"));
  }
}
