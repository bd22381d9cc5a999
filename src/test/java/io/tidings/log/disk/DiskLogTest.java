package io.tidings.log.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.tidings.event.Event;
import io.tidings.event.Filter;
import io.tidings.event.Position;
import io.tidings.event.Publication;
import io.tidings.event.ResumeRequest;
import io.tidings.event.Selection;
import io.tidings.event.Visibility;
import io.tidings.log.Bounds;
import io.tidings.log.Entry;
import io.tidings.log.EventLog;
import io.tidings.log.EventLogContract;
import io.tidings.log.Gap;
import io.tidings.log.ManualClock;
import io.tidings.log.Page;
import io.tidings.log.Retention;
import io.tidings.log.StreamStart;
import io.tidings.metrics.Metrics;
import io.tidings.settings.DurationFormat;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A log on disk through the interface of {@link EventLog}: the contract of all logs, and what a
 * kill or damage in its files leaves. More than 300 lines, because all tests share one way to open,
 * copy and damage a directory.
 */
class DiskLogTest extends EventLogContract {
  private static final Selection ALL = Selection.all("**");
  private static final Retention EVERYTHING = new Retention(0, Duration.ZERO, 0);

  /** Segments of 4 KiB. */
  private static final Retention SMALL = new Retention(64 << 10, Duration.ZERO, 0);

  @TempDir Path directory;
  private int logs;

  @Override
  protected EventLog open(Retention keep, ManualClock clock) throws Exception {
    return open(directory.resolve("log" + logs++), keep);
  }

  private EventLog open(Path at, Retention keep, String... more) throws IOException {
    Map<String, Object> settings = new HashMap<>();
    settings.put("log.dir", at.toString());
    settings.put("log.once", DurationFormat.text(ONCE));
    settings.put("log.memory", "1MiB");
    settings.put("log.keep.bytes", Long.toString(keep.bytes()));
    settings.put("log.keep.age", DurationFormat.text(keep.age()));
    settings.put("log.keep.entries", Long.toString(keep.entries()));
    for (int i = 0; i < more.length; i += 2) {
      settings.put(more[i], more[i + 1]);
    }
    return DiskLog.open(Settings.of(settings).log(), clock, new Metrics());
  }

  private EventLog open(Path at) throws IOException {
    return open(at, EVERYTHING);
  }

  /** What a stream from the position receives: data, and "!" and the reason for a gap. */
  private static List<String> received(EventLog log, Position from, Selection what)
      throws Exception {
    var received = new ArrayList<String>();
    Position at = from;
    boolean more = true;
    while (more) {
      Page page = get(log.after(at, what, 300));
      page.gap().ifPresent(gap -> received.add("!" + gap.reason().word()));
      page.entries().forEach(entry -> received.add(entry.event().data()));
      more = page.end().offset() > at.offset();
      at = page.end();
    }
    assertEquals(log.bounds().head(), at);
    return received;
  }

  private static List<String> received(EventLog log) throws Exception {
    Bounds bounds = log.bounds();
    return received(log, new Position(bounds.epoch(), bounds.start()), ALL);
  }

  /** Copies the directory as a process that is killed now would leave it. */
  private Path copyAsKilled(Path at) throws IOException {
    Path copy = directory.resolve("copy" + logs++);
    Files.createDirectories(copy);
    try (Stream<Path> files = Files.list(at)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    return copy;
  }

  private static List<Path> files(Path at, String suffix) throws IOException {
    try (Stream<Path> files = Files.list(at)) {
      return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
    }
  }

  private static void write(Path file, byte[] bytes) throws IOException {
    Files.write(file, bytes);
  }

  @Test
  void aCleanShutdownAndAStartChangeNothing() throws Exception {
    Path at = directory.resolve("data");
    EventLog log = open(at);
    var keyed = new Publication(List.of(Event.of("a", "1"), Event.of("b", "2")), "key", false);
    List<Entry> entries = get(log.append(keyed));
    get(log.append(List.of(new Event(List.of("a", "c"), "type", "own", 7, "three\nlines\n"))));
    get(log.close());

    log = open(at);
    assertEquals(entries, get(log.append(keyed)));
    assertEquals(List.of("1", "2", "three\nlines\n"), received(log));
    Entry next = publish(log, "a", "4").get(0);
    assertEquals(new Position(entries.get(0).position().epoch(), 4), next.position());
    StreamStart start = get(log.find(new ResumeRequest.After("own"), ALL, Selection.EVERYTHING));
    assertEquals(new Position(next.position().epoch(), 3), start.after());
    Entry own = get(log.after(new Position(next.position().epoch(), 2), ALL, 1)).entries().get(0);
    assertEquals("type", own.event().type());
    assertEquals(List.of("a", "c"), own.event().topics());
    assertEquals(7, own.event().retry());
    get(log.close());
  }

  @Test
  void afterAKillNothingIsLostAndNoIdIsUsedTwice() throws Exception {
    Path at = directory.resolve("data");
    var ids = new ArrayList<String>();
    var data = new ArrayList<String>();
    for (int run = 0; run < 5; run++) {
      EventLog log = open(at);
      assertEquals(data, received(log));
      for (int i = 0; i < 10; i++) {
        data.add(run + "." + i);
        ids.add(publish(log, "a", run + "." + i).get(0).id());
      }
      assertEquals(data, received(log));
      at = copyAsKilled(at);
      get(log.close());
    }
    assertEquals(ids.size(), ids.stream().distinct().count());
    EventLog log = open(at);
    for (int i = 0; i < ids.size(); i++) {
      StreamStart start =
          get(log.find(new ResumeRequest.After(ids.get(i)), ALL, Selection.EVERYTHING));
      assertTrue(start.gap().isEmpty());
      assertEquals(data.subList(i + 1, data.size()), received(log, start.after(), ALL));
    }
    get(log.close());
  }

  @Test
  void aPublicationThatIsCutOffAnywhereIsRemovedAsAWholeAndNothingElseIs() throws Exception {
    Path at = directory.resolve("data");
    EventLog log = open(at);
    publish(log, "a", "1", "2");
    Path before = files(at, ".log").get(0);
    long whole = Files.size(before);
    get(log.append(List.of(Event.of("a", "3"), Event.of("a", "4"), Event.of("a", "5"))));
    Path killed = copyAsKilled(at);
    byte[] bytes = Files.readAllBytes(files(killed, ".log").get(0));
    get(log.close());
    for (int size = (int) whole; size < bytes.length; size++) {
      Path copy = copyAsKilled(killed);
      write(files(copy, ".log").get(0), Arrays.copyOf(bytes, size));
      EventLog cut = open(copy);
      assertEquals(List.of("1", "2"), received(cut), "cut at " + size);
      publish(cut, "a", "new");
      assertEquals(List.of("1", "2", "new"), received(cut), "cut at " + size);
      get(cut.close());
      cut = open(copy);
      assertEquals(List.of("1", "2", "new"), received(cut), "cut at " + size);
      get(cut.close());
    }
  }

  @Test
  void aClientThatReceivedAnEntryThatWasCutOffGetsAGap() throws Exception {
    Path at = directory.resolve("data");
    EventLog log = open(at);
    List<Entry> entries = publish(log, "a", "1", "2");
    Path killed = copyAsKilled(at);
    get(log.close());
    Path file = files(killed, ".log").get(0);
    byte[] bytes = Files.readAllBytes(file);
    write(file, Arrays.copyOf(bytes, bytes.length - 1));
    log = open(killed);
    StreamStart start =
        get(log.find(new ResumeRequest.After(entries.get(1).id()), ALL, Selection.EVERYTHING));
    assertEquals(Gap.Reason.LOST, start.gap().orElseThrow().reason());
    publish(log, "a", "3");
    start = get(log.find(new ResumeRequest.After(entries.get(1).id()), ALL, Selection.EVERYTHING));
    assertEquals(Gap.Reason.LOST, start.gap().orElseThrow().reason());
    start = get(log.find(new ResumeRequest.After(entries.get(0).id()), ALL, Selection.EVERYTHING));
    assertTrue(start.gap().isEmpty());
    assertEquals(List.of("3"), received(log, start.after(), ALL));
    get(log.close());
  }

  @Test
  void zerosAtTheEndAreCutOff() throws Exception {
    Path at = directory.resolve("data");
    EventLog log = open(at);
    publish(log, "a", "1", "2");
    Path killed = copyAsKilled(at);
    get(log.close());
    Path file = files(killed, ".log").get(0);
    byte[] bytes = Files.readAllBytes(file);
    write(file, Arrays.copyOf(bytes, bytes.length + 8_192));
    log = open(killed);
    assertEquals(List.of("1", "2"), received(log));
    get(log.close());
  }

  @Test
  void zerosOverTheLastEntriesAreReportedAsALoss() throws Exception {
    Path at = directory.resolve("data");
    EventLog log = open(at);
    publish(log, "a", "1", "2", "3");
    Path killed = copyAsKilled(at);
    get(log.close());
    Path file = files(killed, ".log").get(0);
    byte[] bytes = Files.readAllBytes(file);
    Arrays.fill(bytes, bytes.length - 70, bytes.length, (byte) 0);
    write(file, bytes);
    log = open(killed);
    assertEquals(List.of("1", "!lost"), received(log));
    publish(log, "a", "new");
    assertEquals(List.of("1", "!lost", "new"), received(log));
    get(log.close());
    log = open(killed);
    assertEquals(List.of("1", "!lost", "new"), received(log));
    get(log.close());
  }

  @Test
  void aFlippedByteAnywhereLosesAtMostItsEntryAndIsReported() throws Exception {
    Path at = directory.resolve("data");
    EventLog log = open(at);
    publish(log, "a", "1", "2", "3", "4");
    Path killed = copyAsKilled(at);
    get(log.close());
    byte[] bytes = Files.readAllBytes(files(killed, ".log").get(0));
    for (int position = 0; position < bytes.length; position++) {
      flipByteAndRead(killed, bytes, position);
    }
  }

  private void flipByteAndRead(Path killed, byte[] bytes, int position) throws Exception {
    Path copy = copyAsKilled(killed);
    byte[] flipped = bytes.clone();
    flipped[position] ^= 0x10;
    write(files(copy, ".log").get(0), flipped);
    EventLog log = open(copy);
    int size = (bytes.length - SegmentFormat.HEADER) / 4;
    int lost = (position - SegmentFormat.HEADER) / size;
    boolean restored = lost == 3 && position < bytes.length - size + 4; // the length of the last
    var expected = new ArrayList<>(List.of("1", "2", "3", "4"));
    if (position >= SegmentFormat.HEADER && !restored) {
      expected.set(lost, "!lost");
    }
    assertEquals(expected, received(log), "flipped at " + position);
    publish(log, "a", "new");
    expected.add("new");
    assertEquals(expected, received(log), "flipped at " + position);
    get(log.close());
  }

  @Test
  void aFlippedByteInASealedSegmentLosesItsEntryAndIsReported() throws Exception {
    Path at = directory.resolve("data");
    EventLog log = open(at, SMALL);
    List<String> data = IntStream.range(0, 300).mapToObj(i -> "event" + i).toList();
    publish(log, "a", data.toArray(String[]::new));
    get(log.close());
    Path second = files(at, ".log").get(1);
    byte[] bytes = Files.readAllBytes(second);
    bytes[2_000] ^= 1;
    write(second, bytes);
    for (Selection what : List.of(ALL, Selection.all("a"))) {
      log = open(at, SMALL);
      var start = new Position(log.bounds().epoch(), log.bounds().start());
      List<String> received = received(log, start, what);
      assertEquals(1, received.stream().filter("!lost"::equals).count());
      assertEquals(data.size(), received.size());
      received.remove("!lost");
      assertTrue(data.containsAll(received));
      get(log.close());
    }
  }

  @Test
  void privateEventsStayPrivateInSegmentsThatAreSealedOpenedAgainAndIndexedAgain()
      throws Exception {
    Path at = directory.resolve("data");
    EventLog log = open(at, SMALL);
    for (int i = 0; i < 300; i++) {
      Visibility visibility = i % 3 == 0 ? Visibility.PRIVATE : Visibility.PUBLIC;
      get(
          log.append(
              List.of(new Event(List.of("t", "u." + i % 7), "", "", -1, "" + i, visibility))));
    }
    checkPrivate(log);
    get(log.close());
    assertTrue(files(at, ".idx").size() > 3);
    log = open(at, SMALL);
    checkPrivate(log);
    get(log.close());
    for (Path index : files(at, ".idx")) {
      Files.delete(index);
    }
    log = open(at, SMALL);
    checkPrivate(log);
    get(log.close());
  }

  private static void checkPrivate(EventLog log) throws Exception {
    var start = new Position(log.bounds().epoch(), log.bounds().start());
    for (String pattern : List.of("t", "*", "t.**")) {
      Filter filter = Filter.of(pattern);
      assertEquals(numbers(i -> true), received(log, start, Selection.all(filter)));
      Selection everybody = Selection.of(filter, Optional.empty());
      assertEquals(numbers(i -> i % 3 > 0), received(log, start, everybody));
      assertEquals(
          299, get(log.find(new ResumeRequest.Latest(), everybody, everybody)).after().offset());
    }
    var some = Selection.of(Filter.of("**"), Optional.of(Filter.of("u.2", "u.5")));
    assertEquals(numbers(i -> i % 3 > 0 || i % 7 == 2 || i % 7 == 5), received(log, start, some));
  }

  private static List<String> numbers(IntPredicate which) {
    return IntStream.range(0, 300).filter(which).mapToObj(i -> "" + i).toList();
  }

  @Test
  void aMissingOrDamagedIndexIsRebuilt() throws Exception {
    Path at = directory.resolve("data");
    EventLog log = open(at, SMALL);
    for (int i = 0; i < 300; i++) {
      get(log.append(List.of(new Event(List.of("t" + i % 7), "", "id" + i, -1, "" + i))));
    }
    List<String> all = received(log);
    get(log.close());
    List<Path> indexes = files(at, ".idx");
    assertTrue(indexes.size() > 3);
    Files.delete(indexes.get(0));
    byte[] damaged = Files.readAllBytes(indexes.get(1));
    damaged[damaged.length - 10] ^= 1;
    write(indexes.get(1), damaged);
    damaged = Files.readAllBytes(indexes.get(2));
    damaged[20] ^= 1;
    write(indexes.get(2), damaged);
    log = open(at, SMALL);
    assertEquals(all, received(log));
    for (int i = 0; i < 300; i += 13) {
      StreamStart start =
          get(log.find(new ResumeRequest.After("id" + i), ALL, Selection.EVERYTHING));
      assertTrue(start.gap().isEmpty());
      Selection topic = Selection.all("t" + i % 7);
      int of = i % 7;
      List<String> expected =
          IntStream.range(i + 1, 300).filter(n -> n % 7 == of).mapToObj(n -> "" + n).toList();
      assertEquals(expected, received(log, start.after(), topic));
    }
    get(log.close());
  }

  @Test
  void aMissingSegmentIsReportedAsALoss() throws Exception {
    Path at = directory.resolve("data");
    EventLog log = open(at, SMALL);
    publish(log, "a", IntStream.range(0, 300).mapToObj(i -> "" + i).toArray(String[]::new));
    get(log.close());
    Files.delete(files(at, ".log").get(2));
    log = open(at, SMALL);
    List<String> received = received(log);
    assertEquals(1, received.stream().filter("!lost"::equals).count());
    assertEquals("299", received.get(received.size() - 1));
    get(log.close());
  }

  @Test
  void aReaderContinuesWhileRetentionRemovesSegments() throws Exception {
    Path at = directory.resolve("data");
    EventLog log = open(at, SMALL);
    var reader = new Position(log.bounds().epoch(), 0);
    var expected = 0;
    for (int i = 0; i < 5_000; i++) {
      publish(log, "a", "" + i);
      if (i % 10 == 0) {
        Page page = get(log.after(reader, ALL, 2_000));
        if (page.gap().isPresent()) {
          assertEquals(Gap.Reason.REMOVED, page.gap().get().reason());
          expected = Integer.parseInt(page.entries().get(0).event().data());
        }
        for (Entry entry : page.entries()) {
          assertEquals("" + expected++, entry.event().data());
        }
        reader = page.end();
      }
    }
    get(log.close());
    long bytes = 0;
    for (Path file : files(at, ".log")) {
      bytes += Files.size(file);
    }
    assertTrue(bytes <= 68 << 10, bytes + " bytes of 64 KiB");
  }

  @Test
  void rareTopicsAreFoundByNameAndByGlob() throws Exception {
    Path at = directory.resolve("data");
    EventLog log = open(at, new Retention(4 << 20, Duration.ZERO, 0));
    var expected = new ArrayList<String>();
    for (int batch = 0; batch < 100; batch++) {
      var events = new ArrayList<Event>();
      for (int i = 0; i < 100; i++) {
        String data = batch + "." + i;
        boolean rare = i == 50;
        events.add(Event.of(rare ? "rare.one" : "common", rare ? data : data + "x".repeat(200)));
        if (rare) {
          expected.add(data);
        }
      }
      get(log.append(events));
    }
    var start = new Position(log.bounds().epoch(), 0);
    for (Selection what : List.of(Selection.all("rare.one"), Selection.all("rare.*", "nobody"))) {
      assertEquals(expected, received(log, start, what));
    }
    assertEquals(
        new Position(start.epoch(), 9_950),
        get(log.find(new ResumeRequest.Latest(), Selection.all("rare.**"), Selection.EVERYTHING))
            .after());
    get(log.close());
    log = open(at, new Retention(4 << 20, Duration.ZERO, 0));
    assertEquals(expected, received(log, start, Selection.all("rare.**")));
    assertEquals(
        new Position(start.epoch(), 9_950),
        get(log.find(new ResumeRequest.Latest(), Selection.all("rare.**"), Selection.EVERYTHING))
            .after());
    get(log.close());
  }

  @Test
  void everySyncModeKeepsAcknowledgedEventsAfterAKill() throws Exception {
    for (String sync : List.of("os", "10ms", "batch")) {
      Path at = directory.resolve(sync);
      EventLog log = open(at, EVERYTHING, "log.sync", sync);
      publish(log, "a", "1", "2");
      Path killed = copyAsKilled(at);
      get(log.close());
      log = open(killed, EVERYTHING, "log.sync", sync);
      assertEquals(List.of("1", "2"), received(log));
      get(log.close());
    }
  }

  @Test
  void aKeyOfDeduplicatedEventsIsAnsweredWithTheirIds() throws Exception {
    Path at = directory.resolve("data");
    EventLog log = open(at);
    var one = new Event(List.of("a"), "", "one", -1, "1");
    var two = new Event(List.of("a"), "", "two", -1, "2");
    get(log.append(List.of(one)));
    var both = new Publication(List.of(one, two, two), "key", true);
    List<Entry> first = get(log.append(both));
    assertEquals(first, get(log.append(both)));
    get(log.close());
    log = open(at);
    assertEquals(first, get(log.append(both)));
    assertEquals(List.of("1", "2"), received(log));
    get(log.close());
  }

  @Test
  void aRetryIsRecognisedInItsScopeAfterARestartAndWhenTheIndexIsRebuilt() throws Exception {
    Path at = directory.resolve("data");
    EventLog log = open(at);
    var event = new Event(List.of("a"), "", "id", -1, "once");
    var keyed = new Publication(List.of(Event.of("a", "1"), Event.of("b", "2")), "key", false);
    var publications = new ArrayList<Publication>();
    for (String scope : List.of("", "scope-2", "scope-3")) {
      publications.add(keyed.withScope(scope));
      publications.add(new Publication(List.of(event), "", true).withScope(scope));
    }
    var answers = new ArrayList<List<Entry>>();
    for (Publication publication : publications) {
      answers.add(get(log.append(publication)));
    }
    get(log.close());
    for (int run = 0; run < 2; run++) {
      log = open(at);
      for (int i = 0; i < publications.size(); i++) {
        assertEquals(answers.get(i), get(log.append(publications.get(i))));
        var unlike = new Publication(List.of(Event.of("a", "other")), "key", false);
        Future<List<Entry>> refused = log.append(unlike.withScope(publications.get(i).scope()));
        assertThrows(ExecutionException.class, () -> get(refused));
      }
      assertEquals(9, received(log).size());
      get(log.close());
      for (Path index : files(at, ".idx")) {
        Files.delete(index);
      }
    }
    log = open(at);
    assertEquals(10, get(log.append(keyed.withScope("scope-4"))).get(0).offset());
    get(log.close());
  }

  @Test
  void aDamagedHeaderHidesNothingBecauseOfItsCopy() throws Exception {
    Path at = directory.resolve("data");
    get(openWithDamagedHeader(at, 45).close());
  }

  @Test
  void aHeaderDamagedInBothCopiesHidesNothingAsLongAsThereIsAnIndex() throws Exception {
    Path at = directory.resolve("data");
    EventLog log = openWithDamagedHeader(at, 45, 45 + 64);
    assertTrue(log.report().contains("header"), log.report());
    get(log.close());

    Files.delete(files(at, ".idx").get(0));
    log = open(at, SMALL);
    List<String> received = received(log);
    assertEquals("!lost", received.get(0));
    assertEquals("1999", received.get(received.size() - 1));
    get(log.close());
  }

  /** Writes a log, damages the oldest header and opens the log again: it must be unchanged. */
  private EventLog openWithDamagedHeader(Path at, int... damaged) throws Exception {
    EventLog log = open(at, SMALL);
    List<Entry> entries =
        publish(log, "a", IntStream.range(0, 2_000).mapToObj(i -> "" + i).toArray(String[]::new));
    List<String> kept = received(log);
    get(log.close());
    Path oldest = files(at, ".log").get(0);
    byte[] bytes = Files.readAllBytes(oldest);
    for (int position : damaged) {
      bytes[position] ^= 1;
    }
    write(oldest, bytes);
    log = open(at, SMALL);
    assertEquals(kept, received(log));
    assertExpired(log, new ResumeRequest.After(entries.get(3).id()));
    assertExpired(log, new ResumeRequest.Since(Duration.ofHours(1)));
    return log;
  }

  private static void assertExpired(EventLog log, ResumeRequest resume) throws Exception {
    StreamStart start = get(log.find(resume, ALL, Selection.EVERYTHING));
    assertEquals(Gap.Reason.REMOVED, start.gap().orElseThrow().reason());
  }

  @Test
  void aDamagedRecordIsReportedEvenIfTheIndexIsDamagedToo() throws Exception {
    Path at = directory.resolve("data");
    EventLog log = open(at, SMALL);
    publish(log, "a", IntStream.range(0, 300).mapToObj(i -> "" + i).toArray(String[]::new));
    get(log.close());
    Path segment = files(at, ".log").get(1);
    byte[] bytes = Files.readAllBytes(segment);
    bytes[bytes.length - 1] ^= 1;
    write(segment, bytes);
    Path index = files(at, ".idx").get(1);
    bytes = Files.readAllBytes(index);
    bytes[bytes.length - 1] ^= 1;
    write(index, bytes);
    for (Selection what : List.of(ALL, Selection.all("a"))) {
      log = open(at, SMALL);
      List<String> received = received(log, new Position(log.bounds().epoch(), 0), what);
      assertEquals(1, received.stream().filter("!lost"::equals).count(), received::toString);
      assertEquals(300, received.size());
      get(log.close());
      write(index, bytes);
    }
  }

  @Test
  void anIndexThatIsOlderThanItsSegmentIsIgnored() throws Exception {
    Path at = directory.resolve("data");
    EventLog log = open(at);
    publish(log, "a", "1");
    get(log.close());
    byte[] old = Files.readAllBytes(files(at, ".idx").get(0));
    log = open(at);
    publish(log, "a", "2", "3");
    Path killed = copyAsKilled(at);
    get(log.close());
    write(killed.resolve(files(at, ".idx").get(0).getFileName()), old);
    log = open(killed);
    assertEquals(List.of("1", "2", "3"), received(log));
    publish(log, "a", "4");
    assertEquals(List.of("1", "2", "3", "4"), received(log));
    get(log.close());
  }

  @Test
  void theNewestSegmentExpiresToo() throws Exception {
    EventLog log = open(directory.resolve("data"), new Retention(0, Duration.ofMinutes(10), 0));
    publish(log, "a", "1");
    clock.advance(Duration.ofMinutes(11));
    Wait.until("the entry is expired", () -> log.bounds().empty());
    publish(log, "a", "2");
    assertEquals(List.of("2"), received(log));
    get(log.close());
  }

  @Test
  void segmentsThatBeganAfterTheCommitMarkWasReadAreNotDamage() throws Exception {
    Path at = directory.resolve("data");
    EventLog log = open(at, SMALL);
    publish(log, "a", "x".repeat(1_000));
    byte[] mark = Files.readAllBytes(at.resolve("committed"));
    for (int i = 0; i < 20; i++) {
      publish(log, "a", "x".repeat(1_000));
    }
    byte[] now = Files.readAllBytes(at.resolve("committed"));
    assertTrue(files(at, ".log").size() > 2);

    // as seen by a reader that read the mark before the last events were published
    write(at.resolve("committed"), mark);
    try (LogFiles seen = LogFiles.open(at)) {
      assertEquals(List.of(), seen.check());
      assertEquals(1, seen.last());
      assertEquals(1, seen.summary().entries());
    }
    write(at.resolve("committed"), now);
    get(log.close());
  }

  @Test
  void aDirectoryIsLockedByOneHub() throws Exception {
    Path at = directory.resolve("data");
    EventLog log = open(at);
    var refused = assertThrows(IOException.class, () -> open(at));
    assertEquals("is used by another hub in this process", refused.getMessage());
    get(log.close());
    get(open(at).close());
  }

  @Test
  void aPathThatIsNotADirectoryIsRefused() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "text");
    var refused = assertThrows(IOException.class, () -> open(file));
    assertEquals("is not a directory", refused.getMessage());
    assertEquals("text", Files.readString(file));
  }
}
