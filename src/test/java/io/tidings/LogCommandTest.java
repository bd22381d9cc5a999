package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Event;
import io.tidings.log.DiskLog;
import io.tidings.metrics.Metrics;
import io.tidings.settings.Settings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogCommandTest {
  @TempDir Path directory;
  private Path data;

  @BeforeEach
  void fill() throws Exception {
    data = directory.resolve("data");
    DiskLog log =
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

  private record Said(int status, List<String> lines) {}

  private static Said run(Path dir, String... arguments) throws Exception {
    var bytes = new ByteArrayOutputStream();
    var all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--dir", dir.toString()));
    int status = LogCommand.run(all, new PrintStream(bytes, true, StandardCharsets.UTF_8));
    return new Said(status, bytes.toString(StandardCharsets.UTF_8).lines().toList());
  }

  @Test
  void infoTellsWhatIsInIt() throws Exception {
    Said said = run(data);
    assertEquals(0, said.status);
    assertTrue(said.lines.get(0).contains("21 entries of 22 topics in 1 segment,"), said::toString);
    assertTrue(said.lines.get(1).matches("oldest: \\S+~1 at \\S+Z, topic a, id own"));
    assertTrue(said.lines.get(2).matches("newest: \\S+~l at \\S+Z, topic c.19"));
    assertEquals("         and 12 more", said.lines.get(said.lines.size() - 1));
  }

  @Test
  void whatIsPrintedCanBeImportedAndIsTheSame() throws Exception {
    List<String> printed = run(data, "print").lines;
    assertEquals(21, printed.size());
    Path file = Files.write(directory.resolve("printed"), printed);
    Path copy = directory.resolve("copy");
    Said imported = run(copy, "import", file.toString());
    assertEquals(List.of(copy + ": 21 entries added"), imported.lines);
    assertEquals(withoutPlaces(printed), withoutPlaces(run(copy, "print").lines));
  }

  private static List<String> withoutPlaces(List<String> lines) {
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
  void checkTellsWhatIsDamagedAndChangesNothing() throws Exception {
    assertEquals(0, run(data, "check").status);
    Path segment = data.resolve("00000000000000000001.log");
    byte[] bytes = Files.readAllBytes(segment);
    bytes[60] ^= 1;
    Files.write(segment, bytes);
    Said said = run(data, "check");
    assertEquals(1, said.status);
    assertTrue(said.lines.get(0).contains("bytes 48 to"), said::toString);
    assertTrue(said.lines.get(1).contains("offsets 1 to 1 are lost"), said::toString);
    assertEquals(20, run(data, "print").lines.size());
    org.junit.jupiter.api.Assertions.assertArrayEquals(bytes, Files.readAllBytes(segment));
  }

  @Test
  void aLineThatIsNoEventIsNamed() throws Exception {
    Path file =
        Files.writeString(directory.resolve("lines"), "{\"topic\":\"a\",\"data\":1}\n\n{}\n");
    Path copy = directory.resolve("copy");
    var broken = assertThrows(IOException.class, () -> run(copy, "import", file.toString()));
    assertEquals(
        copy + ": line 3 can't be imported, those before it were: topic must be given",
        broken.getMessage());
    assertEquals(1, run(copy, "print").lines.size());
  }

  @Test
  void aDirectoryWithoutALogIsRefused() {
    for (String place : List.of("nowhere", ".")) {
      assertThrows(IOException.class, () -> run(directory.resolve(place)));
    }
  }
}
