package io.tidings.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidings.cli.CommandLine.Action;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandLineTest {
  @Test
  void withoutArgumentsTheHubRunsWithTheDefaultFile() {
    CommandLine line = CommandLine.parse();
    assertEquals(Action.RUN, line.action());
    assertEquals("conf/config.yaml", line.file());
    assertEquals(Map.of(), line.settings());
  }

  @Test
  void optionsAreSettingsWithTheirValueInTheSameOrTheNextArgument() {
    CommandLine line =
        CommandLine.parse(
            "--port", "9000", "--host=::1", "--role", "hub", "--cluster", "--set", "a.b=c=d");
    assertEquals(
        Map.of(
            "http.port", "9000",
            "http.host", "::1",
            "role", "hub",
            "cluster.kind", "raft",
            "a.b", "c=d"),
        line.settings());
  }

  @Test
  void theLastValueOfASettingCounts() {
    CommandLine line = CommandLine.parse("--port", "1", "--set", "http.port=2");
    assertEquals(Map.of("http.port", "2"), line.settings());
  }

  @Test
  void helpAndVersionEndTheParsing() {
    assertEquals(Action.HELP, CommandLine.parse("-h", "--nonsense").action());
    assertEquals(Action.HELP, CommandLine.parse("--port", "1", "--help").action());
    assertEquals(Action.VERSION, CommandLine.parse("--version", "--nonsense").action());
  }

  @Test
  void theArgumentsOfTheLogCommandAreNotParsedHere() {
    CommandLine line = CommandLine.parse("log", "check", "--dir", "data");
    assertEquals(Action.LOG, line.action());
    assertEquals(List.of("check", "--dir", "data"), line.rest());
  }

  @Test
  void theFileMustExist(@TempDir Path directory) throws Exception {
    Path file = Files.createFile(directory.resolve("my.yaml"));
    assertEquals(file.toString(), CommandLine.parse("--config", file.toString()).file());
    String missing = directory.resolve("missing.yaml").toString();
    assertThrows(IllegalArgumentException.class, () -> CommandLine.parse("--config", missing));
  }

  @ParameterizedTest
  @CsvSource({
    "--port, --port: must be followed by a value",
    "--nonsense, --nonsense: is not an option; see --help",
    "file.yaml, file.yaml: is not an option; see --help",
    "--cluster=a, --cluster: takes no value; see cluster.members",
    "--set=a, --set a: must be KEY=VALUE",
    "--set==a, --set =a: must be KEY=VALUE",
  })
  void anInvalidArgumentIsReportedInOneLine(String argument, String message) {
    var e = assertThrows(IllegalArgumentException.class, () -> CommandLine.parse(argument));
    assertEquals(message, e.getMessage());
  }
}
