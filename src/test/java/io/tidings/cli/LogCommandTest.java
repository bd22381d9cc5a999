package io.tidings.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Event;
import io.tidings.event.Publication;
import io.tidings.event.ResumeRequest;
import io.tidings.event.Selection;
import io.tidings.event.Visibility;
import io.tidings.log.Entry;
import io.tidings.log.EventLog;
import io.tidings.log.Gap;
import io.tidings.log.StreamStart;
import io.tidings.log.disk.DiskLog;
import io.tidings.metrics.Metrics;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogCommandTest {
  @TempDir Path directory;
  private Path data;

  @BeforeEach
  void fill() throws Exception {
    data = directory.resolve("data");
    EventLog log =
        DiskLog.open(
            Settings.of(Map.of("log.dir", data.toString())).log(),
            InstantSource.system(),
            new Metrics());
    var events = new ArrayList<Event>();
    events.add(new Event(List.of("a", "b"), "type", "own", 7, "one\n\"line\""));
    for (int i = 0; i < 20; i++) {
      events.add(Event.of("c." + i, "" + i));
    }
    log.append(events).toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    log.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private record Output(int status, List<String> lines) {}

  private static Output run(Path dir, String... arguments) throws Exception {
    var bytes = new ByteArrayOutputStream();
    var all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--dir", dir.toString()));
    int status = LogCommand.run(all, new PrintStream(bytes, true, StandardCharsets.UTF_8));
    return new Output(status, bytes.toString(StandardCharsets.UTF_8).lines().toList());
  }

  @Test
  void infoSummarizesTheLog() throws Exception {
    Output output = run(data);
    assertEquals(0, output.status);
    assertTrue(
        output.lines.get(0).contains("21 entries of 22 topics in 1 segment,"), output::toString);
    assertTrue(output.lines.get(1).matches("oldest: \\S+~1 at \\S+Z, topic a, id own"));
    assertTrue(output.lines.get(2).matches("newest: \\S+~l at \\S+Z, topic c.19"));
    assertEquals("         and 12 more", output.lines.get(output.lines.size() - 1));
  }

  @Test
  void importedEntriesEqualThePrintedOnes() throws Exception {
    List<String> printed = run(data, "print").lines;
    assertEquals(21, printed.size());
    Path file = Files.write(directory.resolve("printed"), printed);
    Path copy = directory.resolve("copy");
    Output imported = run(copy, "import", file.toString());
    assertEquals(List.of(copy + ": 21 entries added"), imported.lines);
    assertEquals(withoutPositions(printed), withoutPositions(run(copy, "print").lines));
  }

  @Test
  void anIdIsImportedInTheScopeOfItsPublisher() throws Exception {
    Path from = directory.resolve("scoped");
    EventLog log = open(from);
    var event = new Event(List.of("a"), "", "id", -1, "once");
    List<String> scopes = List.of("", "s", "t");
    for (String scope : scopes) {
      await(log.append(new Publication(List.of(event), "", true).withScope(scope)));
    }
    await(log.append(new Publication(List.of(Event.of("a", "2")), "key", false).withScope("s")));
    await(log.close());
    List<String> printed = run(from, "print").lines;
    assertEquals("s", new JsonObject(printed.get(1)).getString("scope"));
    assertFalse(new JsonObject(printed.get(0)).containsKey("scope"));
    assertFalse(new JsonObject(printed.get(3)).containsKey("scope"), "keys are not imported");
    Path file = Files.write(directory.resolve("printed"), printed);
    Path copy = directory.resolve("copy");
    run(copy, "import", file.toString());
    assertEquals(withoutPositions(printed), withoutPositions(run(copy, "print").lines));
    log = open(copy);
    for (int i = 0; i < scopes.size(); i++) {
      var again = new Publication(List.of(event), "", true).withScope(scopes.get(i));
      assertEquals(i + 1, await(log.append(again)).get(0).offset());
    }
    var other = new Publication(List.of(event), "", true).withScope("u");
    assertEquals(5, await(log.append(other)).get(0).offset());
    await(log.close());
  }

  @Test
  void aPrivateEventIsPrintedAndImportedWithItsMark() throws Exception {
    Path from = directory.resolve("private");
    EventLog log = open(from);
    await(log.append(List.of(Event.of("a", "1"), Event.of("a", "2").with(Visibility.PRIVATE))));
    await(log.close());
    List<String> printed = run(from, "print").lines;
    assertFalse(new JsonObject(printed.get(0)).containsKey("private"));
    assertEquals(true, new JsonObject(printed.get(1)).getValue("private"));
    Output info = run(from);
    assertTrue(info.lines.get(0).contains("2 entries of 1 topic "), info::toString);
    assertTrue(info.lines.get(2).endsWith("topic a, private"), info::toString);
    Path file = Files.write(directory.resolve("printed"), printed);
    Path copy = directory.resolve("copy");
    run(copy, "import", file.toString());
    assertEquals(withoutPositions(printed), withoutPositions(run(copy, "print").lines));
  }

  @Test
  void aLineWithAScopeThatIsNoneIsReported() throws Exception {
    for (String scope : List.of("{}", "[]", "null", "\"" + "x".repeat(65) + "\"", "\"\\n\"")) {
      String line = "{\"topic\":\"a\",\"data\":1,\"id\":\"i\",\"scope\":" + scope + "}\n";
      Path file = Files.writeString(directory.resolve("lines"), line);
      Path copy = directory.resolve("copy");
      var broken = assertThrows(IOException.class, () -> run(copy, "import", file.toString()));
      assertTrue(broken.getMessage().contains("scope must be"), broken.getMessage());
    }
  }

  private static List<String> withoutPositions(List<String> lines) {
    return lines.stream().map(line -> line.replaceFirst("\"position.*?Z\",", "")).toList();
  }

  @Test
  void aRangeIsPrinted() throws Exception {
    List<String> all = run(data, "print").lines;
    assertEquals(all.subList(1, 3), run(data, "print", "--after", "own", "--limit", "2").lines);
    assertEquals(all.subList(20, 21), run(data, "print", "--topic=c.19").lines);
    assertEquals(all.subList(1, 21), run(data, "print", "--topic", "c.*").lines);
    var missing = assertThrows(IOException.class, () -> run(data, "print", "--after", "never"));
    assertEquals(data + ": has no entry never", missing.getMessage());
  }

  @Test
  void checkReportsDamageAndChangesNothing() throws Exception {
    assertEquals(0, run(data, "check").status);
    Path segment = data.resolve("00000000000000000001.log");
    byte[] bytes = Files.readAllBytes(segment);
    bytes[140] ^= 1;
    Files.write(segment, bytes);
    Output output = run(data, "check");
    assertEquals(1, output.status);
    assertTrue(output.lines.get(0).contains("bytes 128 to"), output::toString);
    assertTrue(output.lines.get(1).contains("offsets 1 to 1 are lost"), output::toString);
    assertEquals(20, run(data, "print").lines.size());
    org.junit.jupiter.api.Assertions.assertArrayEquals(bytes, Files.readAllBytes(segment));
  }

  @Test
  void anInvalidLineIsReportedByItsNumber() throws Exception {
    Path file =
        Files.writeString(directory.resolve("lines"), "{\"topic\":\"a\",\"data\":1}\n\n{}\n");
    Path copy = directory.resolve("copy");
    var broken = assertThrows(IOException.class, () -> run(copy, "import", file.toString()));
    assertEquals(
        copy + ": line 3 is invalid, lines before it were imported: topic must be given",
        broken.getMessage());
    assertEquals(1, run(copy, "print").lines.size());
  }

  @Test
  void aDirectoryWithoutALogIsRefused() {
    for (String name : List.of("missing", ".")) {
      assertThrows(IOException.class, () -> run(directory.resolve(name)));
    }
  }

  @Test
  void checkOfARunningLogReportsNoDamageWhateverIsBeingWritten() throws Exception {
    EventLog log = open(data);
    var stop = new AtomicBoolean();
    var publisher =
        new Thread(
            () -> {
              while (!stop.get()) {
                await(log.append(List.of(Event.of("a", "x".repeat(3_000)))));
              }
            });
    publisher.start();
    try {
      for (int i = 0; i < 50; i++) {
        Output output = run(data, "check");
        assertEquals(0, output.status, output::toString);
      }
    } finally {
      stop.set(true);
      publisher.join();
      await(log.close());
    }
  }

  @Test
  void aBackupOfARunningLogIsRestoredUnderANewEpochAndClientsAheadOfItGetAGap() throws Exception {
    EventLog log = open(data);
    Entry last = await(log.append(List.of(Event.of("a", "in the backup")))).get(0);
    Path backup = directory.resolve("backup");
    assertEquals(0, run(data, "backup", backup.toString()).status);
    Entry further = await(log.append(List.of(Event.of("a", "after it")))).get(0);
    List<String> before = withoutPositions(run(data, "print").lines);
    await(log.close());
    assertThrows(IOException.class, () -> run(data, "backup", backup.toString()));

    Path restored = directory.resolve("restored");
    assertEquals(0, run(restored, "restore", backup.toString()).status);
    assertEquals(
        before.subList(0, before.size() - 1), withoutPositions(run(restored, "print").lines));
    EventLog again = open(restored);
    StreamStart start =
        await(
            again.find(
                new ResumeRequest.After(last.id()), Selection.all("**"), Selection.EVERYTHING));
    assertTrue(start.gap().isEmpty());
    assertEquals(again.bounds().head(), start.after());
    start =
        await(
            again.find(
                new ResumeRequest.After(further.id()), Selection.all("**"), Selection.EVERYTHING));
    assertEquals(Gap.Reason.EPOCH, start.gap().orElseThrow().reason());
    assertEquals(again.bounds().head(), start.after());
    Entry fresh = await(again.append(List.of(Event.of("a", "new")))).get(0);
    assertTrue(fresh.offset() > further.offset());
    assertNotEquals(further.position().epoch(), fresh.position().epoch());
    await(again.close());
    var full = assertThrows(IOException.class, () -> run(restored, "restore", backup.toString()));
    assertTrue(full.getMessage().contains("is not empty"), full::getMessage);
  }

  @Test
  void aDamagedBackupIsNotRestored() throws Exception {
    Path backup = directory.resolve("backup");
    run(data, "backup", backup.toString());
    Path segment = backup.resolve("00000000000000000001.log");
    byte[] bytes = Files.readAllBytes(segment);
    bytes[200] ^= 1;
    Files.write(segment, bytes);
    Path restored = directory.resolve("restored");
    assertThrows(IOException.class, () -> run(restored, "restore", backup.toString()));
    assertFalse(Files.exists(restored));
  }

  @Test
  void aLogOfFormatOneIsMigratedWithItsPositionsTimesAndKeys() throws Exception {
    Path old = directory.resolve("old");
    Files.createDirectories(old);
    Path fixture = Path.of("src/test/resources/format1");
    for (String name : List.of("meta", "reserved", "00000000000000000001.log")) {
      Files.copy(fixture.resolve(name), old.resolve(name));
    }
    var refused = assertThrows(IOException.class, () -> open(old));
    assertTrue(refused.getMessage().contains("log migrate"), refused::getMessage);
    Output output = run(old, "migrate");
    assertTrue(output.lines.get(0).contains("4 entries migrated"), output::toString);
    List<String> expected = Files.readAllLines(Path.of("src/test/resources/format1.ndjson"));
    assertEquals(expected, run(old, "print").lines);
    assertEquals(0, run(old, "check").status);
    EventLog log =
        DiskLog.open(
            Settings.of(Map.of("log.dir", old.toString())).log(),
            InstantSource.fixed(
                Instant.parse("2026-11-24T20:45:00Z")), // shortly after the fixture was written
            new Metrics());
    var again = new Publication(List.of(Event.of("d", "keyed")), "k1", false);
    assertEquals(4, await(log.append(again)).get(0).offset());
    await(log.close());
    assertThrows(IOException.class, () -> run(old, "migrate"));
  }

  @Test
  void theDocumentedFormatCanBeReadByAnotherLanguage() throws Exception {
    EventLog log = open(data);
    var scoped = new Event(List.of("a"), "", "id", 3, "scoped");
    await(log.append(new Publication(List.of(scoped), "key", false).withScope("s")));
    await(log.append(List.of(scoped.with(Visibility.PRIVATE), Event.of("a", "public"))));
    await(log.close());
    var process =
        new ProcessBuilder("python3", "src/test/resources/read_log.py", data.toString())
            .redirectErrorStream(true)
            .start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), printed);
    List<JsonObject> expected = run(data, "print").lines.stream().map(JsonObject::new).toList();
    List<JsonObject> read = printed.lines().map(JsonObject::new).toList();
    assertEquals(withInstants(expected), withInstants(read));
  }

  private static List<JsonObject> withInstants(List<JsonObject> entries) {
    return entries.stream()
        .map(
            entry ->
                entry.copy().put("time", OffsetDateTime.parse(entry.getString("time")).toInstant()))
        .toList();
  }

  @Test
  void filesAreReadableByOwnerAndGroupOnly() throws Exception {
    assertFalse(Files.getPosixFilePermissions(data).contains(PosixFilePermission.OTHERS_READ));
    try (var files = Files.list(data)) {
      for (Path file : files.toList()) {
        String permissions = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        assertTrue(permissions.matches("rw-[r-]-----"), file + ": " + permissions);
      }
    }
  }

  private static EventLog open(Path dir) throws IOException {
    return DiskLog.open(
        Settings.of(Map.of("log.dir", dir.toString())).log(),
        InstantSource.system(),
        new Metrics());
  }

  private static <T> T await(Future<T> future) {
    return future.await();
  }
}
