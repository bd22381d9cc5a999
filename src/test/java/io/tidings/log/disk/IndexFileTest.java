package io.tidings.log.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Filter;
import io.tidings.event.Selection;
import io.tidings.log.SequenceGap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The index in memory and the index file that is encoded from it give the same answers. */
class IndexFileTest {
  private static final long FIRST = 1_000;
  private static final int RECORDS = 500;

  private final SimulatedDisk disk = new SimulatedDisk(new Random(1));
  private final GrowingIndex growing = new GrowingIndex(FIRST);
  private final SegmentContents contents =
      new SegmentContents(
          FIRST + 2 * RECORDS,
          10,
          20,
          1 << 20,
          RECORDS,
          List.of(new SequenceGap(1_004, 1_006, 1_008)));

  private static int position(int record) {
    return 64 + record * 1_000;
  }

  private static String id(int record) {
    return record % 3 == 0 ? "id" + record % 30 : "";
  }

  private static List<String> names(int record) {
    return switch (record % 5) {
      case 0 -> List.of("key" + record);
      case 1 -> List.of("scope\nkey" + record, "scope\ntopic\nid" + record);
      default -> List.of();
    };
  }

  /** Adds records at every second offset, with 1,000 bytes each. */
  private void fill() {
    for (int i = 0; i < RECORDS; i++) {
      List<String> topics = List.of("all", "one.of." + i % 7);
      growing.add(FIRST + 2L * i, position(i), i, topics, id(i), names(i));
    }
  }

  private ByteBuffer encoded() {
    return growing.encoded(new IndexHeader(42, FIRST, contents));
  }

  private Optional<IndexFile> open(ByteBuffer bytes) throws IOException {
    return IndexFile.open(disk.createAtomically("index", bytes));
  }

  private static List<String> list(RecordLocations locations) {
    var list = new ArrayList<String>();
    for (int row = 0; row < locations.size(); row++) {
      list.add(locations.get(row) + " at " + locations.position(row));
    }
    return list;
  }

  @Test
  void theFileHasTheHeaderAndEveryLocationOfTheIndexInMemory() throws Exception {
    fill();
    IndexFile file = open(encoded()).orElseThrow();
    assertTrue(file.verify());
    assertEquals(new IndexHeader(42, FIRST, contents), file.header());
    assertEquals(growing.sparseEntries(), file.sparseEntries());
    assertEquals(growing.topicCount(), file.topicCount());
    assertEquals(RECORDS, file.topic("all").size());
    for (int i = 0; i < RECORDS; i++) {
      String topic = "one.of." + i % 7;
      assertEquals(list(growing.topic(topic)), list(file.topic(topic)));
      assertEquals(list(growing.id("id" + i)), list(file.id("id" + i)));
      for (String name : names(i)) {
        assertEquals(1, file.name(name).size());
        assertEquals(list(growing.name(name)), list(file.name(name)));
      }
    }
    assertEquals(List.of(), list(file.topic("none")));
    assertEquals(7, file.select(Selection.all("one.**"), Integer.MAX_VALUE).size());
    assertEquals(3, file.select(Selection.all("one.**"), 2).size());
    assertEquals(1, file.select(Selection.all("all", "none"), 0).size());
  }

  @Test
  void privateEventsAreFoundInAFileThatHasOnesAmongManyPublicOnes() throws Exception {
    fill();
    IndexFile without = open(encoded()).orElseThrow();
    assertTrue(without.verify());
    assertEquals(List.of(), list(without.topic(".all")));
    assertEquals(1, without.select(Selection.all("all"), 9).size());
    long offset = FIRST + 2L * RECORDS;
    growing.add(offset, position(RECORDS), RECORDS, List.of(".all"), "", List.of());
    IndexFile with = open(encoded()).orElseThrow();
    assertTrue(with.verify());
    assertEquals(List.of(offset + " at " + position(RECORDS)), list(with.topic(".all")));
    assertEquals(RECORDS, with.topic("all").size());
    assertEquals(2, with.select(Selection.all("all"), 9).size());
    assertEquals(2, with.select(Selection.all("*"), 9).size());
    assertEquals(1, with.select(Selection.of(Filter.of("all"), Optional.empty()), 9).size());
  }

  @Test
  void sparseEntriesAreAtLeast32KibApart() {
    fill();
    List<SegmentIndex.SparseEntry> sparse = growing.sparseEntries();
    assertEquals(position(0), sparse.get(0).position());
    for (int i = 1; i < sparse.size(); i++) {
      int distance = sparse.get(i).position() - sparse.get(i - 1).position();
      assertTrue(distance >= SegmentIndex.SPARSE_BYTES && distance < 34 * 1_000, distance + "");
    }
    assertEquals(sparse.get(2), growing.lastSparseEntry(entry -> entry.time() < 70));
    assertEquals(sparse.get(0), growing.lastSparseEntry(entry -> false));
  }

  @Test
  void resultsOfALookupDoNotChangeWhenRecordsAreAdded() {
    fill();
    RecordLocations before = growing.topic("all");
    growing.add(FIRST + 2 * RECORDS, position(RECORDS), 0, List.of("all"), "", List.of());
    assertEquals(RECORDS, before.size());
    assertEquals(RECORDS + 1, growing.topic("all").size());
  }

  @Test
  void anyFlippedBitIsDetected() throws Exception {
    for (int i = 0; i < 3; i++) {
      growing.add(FIRST + i, position(i), i, List.of("a"), id(i), names(i));
    }
    byte[] intact = encoded().array();
    for (int bit = 0; bit < 8 * intact.length; bit++) {
      byte[] damaged = intact.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      Optional<IndexFile> file = open(ByteBuffer.wrap(damaged));
      assertFalse(file.isPresent() && file.get().verify(), "bit " + bit);
    }
  }

  @Test
  void aFileThatIsCutOffAnywhereIsDetected() throws Exception {
    for (int i = 0; i < 3; i++) {
      growing.add(FIRST + i, position(i), i, List.of("a"), id(i), names(i));
    }
    byte[] intact = encoded().array();
    for (int length = 0; length < intact.length; length++) {
      Optional<IndexFile> file = open(ByteBuffer.wrap(Arrays.copyOf(intact, length)));
      assertFalse(file.isPresent() && file.get().verify(), "cut at " + length);
    }
  }
}
