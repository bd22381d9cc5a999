package io.tidings.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.log.raft.ClusterRecovery.Survey;
import io.tidings.settings.Settings;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecoverCommandTest {
  @TempDir Path directory;

  @Test
  void itIsCalledWithTheSettingsOfTheNode() {
    RecoverOptions options =
        RecoverOptions.parse(
            List.of("--cluster", "--dir", "d", "--set", "cluster.members=a,b,c", "--port=1"));
    assertFalse(options.acceptLoss());
    assertEquals(
        Map.of("log.dir", "d", "cluster.members", "a,b,c", "http.port", "1"),
        options.line().settings());
    assertTrue(RecoverOptions.parse(List.of("--accept-loss")).acceptLoss());
    assertTrue(RecoverOptions.parse(List.of("--help")).help());
    var unknown =
        assertThrows(
            IllegalArgumentException.class, () -> RecoverOptions.parse(List.of("--force")));
    assertEquals("--force: is not an option; see cluster recover --help", unknown.getMessage());
    assertThrows(IllegalArgumentException.class, () -> RecoverOptions.parse(List.of("--dir")));
  }

  @Test
  void whatMayBeLostIsPrinted() {
    var survey =
        new Survey(List.of("a:1", "b:1", "c:1", "d:1", "e:1"), List.of("b:1"), true, 7, 12);
    String text = RecoverCommand.text("a:1", survey);
    assertTrue(text.contains("No answer from c:1, d:1, e:1. LOST WILL BE"), text);
    assertTrue(text.contains("b:1: runs, and may have more"), text);
    assertFalse(survey.majority());
    assertTrue(new Survey(List.of("a:1", "b:1", "c:1"), List.of("b:1"), true, 7, 12).majority());
    var edge = new Survey(List.of("a:1", "b:1", "c:1"), List.of("b:1"), false, 7, 12);
    assertFalse(edge.majority(), "an edge has no vote");
  }

  @Test
  void aDirectoryThatIsNoNodesIsRefusedAndNothingIsCreated() throws Exception {
    Path missing = directory.resolve("missing");
    Settings settings =
        Settings.of(Map.of("log.dir", missing.toString(), "cluster.members", "127.0.0.1"));
    RecoverOptions options = RecoverOptions.parse(List.of("--accept-loss"));
    var e =
        assertThrows(
            IOException.class,
            () -> RecoverCommand.run(options, settings, new PrintStream(System.out)));
    assertEquals(missing + ": is not a directory", e.getMessage());
    assertFalse(Files.exists(missing));
  }
}
