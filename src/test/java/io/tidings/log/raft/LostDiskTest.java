package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.Wait;
import io.tidings.cli.LogCommand;
import io.tidings.event.Position;
import io.tidings.event.Selection;
import io.tidings.log.Page;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
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

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static List<String> topics(RaftCluster.Node node) throws Exception {
    var topics = new ArrayList<String>();
    Position at = node.log.bounds().begin();
    while (at.offset() < node.log.bounds().newest()) {
      Page page = RaftCluster.get(node.log.after(at, Selection.EVERYTHING, 1 << 20));
      page.entries().forEach(entry -> topics.add(entry.event().topic()));
      at = page.end();
    }
    return topics;
  }

  /** As docs/cluster.md says, also when the others have removed the begin of the Raft log. */
  @Test
  void itContinuesWithACopyOfAnothersLogAndState() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      RaftCluster.Node lost = cluster.follower();
      for (int i = 0; i < 40; i++) { // enough for two states
        cluster.leader().publish("a." + i, MEGABYTE);
      }
      lost.stop();
      delete(lost.directory());
      RaftCluster.Node other = cluster.leader();
      other.publish("a.last", "after the copy's state");
      copy(other.directory(), lost.directory());
      RaftCluster.get(lost.open());
      Wait.until("the node is level", () -> lost.log.bounds().newest() == 41);
      assertEquals(topics(other), topics(lost));
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
