package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.Wait;
import io.tidings.cli.LogCommand;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A voter whose disk was lost; {@link MembersTest} has it refused while its directory is empty. */
@Timeout(120)
class LostDiskTest {
  private static final String MEGABYTE = "x".repeat(1 << 20);

  @TempDir Path directory;

  /** As docs/cluster.md says, also when the others have removed the begin of the Raft log. */
  @Test
  void itContinuesWithACopyOfAnothersLogAndState() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      RaftCluster.Node lost = cluster.follower();
      for (int i = 0; i < 40; i++) { // enough for two states
        cluster.leader().publish("a." + i, MEGABYTE);
      }
      lost.stop();
      lost.deleteLog();
      RaftCluster.Node other = cluster.leader();
      other.publish("a.last", "after the copy's state");
      copy(other.directory(), lost.directory());
      RaftCluster.get(lost.open());
      Wait.until("the node is level", () -> lost.log.bounds().newest() == 41);
      assertEquals(other.topics(), lost.topics());
    }
  }

  /** As an operator does. */
  static void copy(Path from, Path to) throws Exception {
    try (Stream<Path> files = Files.walk(from.resolve("raft"))) {
      for (Path file : files.filter(one -> one.getParent().endsWith("sm")).toList()) {
        Path target = to.resolve(from.relativize(file));
        Files.createDirectories(target.getParent());
        Files.copy(file, target);
      }
    }
    Path backup = to.resolveSibling("copy of " + to.getFileName());
    var output = new ByteArrayOutputStream();
    List<String> command = List.of("backup", backup.toString(), "--dir", from.toString());
    int status = LogCommand.run(command, new PrintStream(output, true, StandardCharsets.UTF_8));
    assertEquals(0, status, () -> output.toString(StandardCharsets.UTF_8));
    try (Stream<Path> files = Files.list(backup)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }
}
