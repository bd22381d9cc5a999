package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ratis replaces the file with the vote by an empty one when the disk is full. */
@Timeout(120)
class LostVoteTest {
  @TempDir Path directory;

  static Path vote(RaftCluster.Node node) throws IOException {
    try (Stream<Path> files = Files.walk(node.directory())) {
      return files.filter(file -> file.endsWith("raft-meta")).findFirst().orElseThrow();
    }
  }

  private static Properties read(Path vote) throws IOException {
    var properties = new Properties();
    try (var text = Files.newBufferedReader(vote)) {
      properties.load(text);
    }
    return properties;
  }

  @Test
  void aNodeThatRunsHasVotedForItselfInTheTermThatItKnows() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      cluster.leader().publish("a", "before");
      RaftCluster.Node node = cluster.follower();
      Path vote = vote(node);
      long term = Long.parseLong(read(vote).getProperty("term"));
      Files.write(vote, new byte[0]);
      Wait.until("there is a vote again", () -> Files.size(vote) > 0);
      assertTrue(Long.parseLong(read(vote).getProperty("term")) >= term);
      cluster.leader().publish("a", "after");
      Wait.until("the node is level", () -> node.log.bounds().newest() == 2);
      assertEquals(2, cluster.leader().log.bounds().newest());
    }
  }

  @Test
  void aProcessThatDoesNotKnowTheTermRefusesToStart() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      cluster.leader().publish("a", "before");
      RaftCluster.Node node = cluster.follower();
      node.stop();
      Files.write(vote(node), new byte[0]);
      var e = assertThrows(ExecutionException.class, () -> RaftCluster.get(node.open()));
      assertTrue(e.getCause().getMessage().startsWith("this node's vote was lost"), e::toString);
    }
  }

  /** The vote is deleted first, and the rest of the Raft log not any more. */
  @Test
  void anEdgeThatWasKilledWhileItForgotItsRaftLogForgetsTheRestAndStarts() throws Exception {
    try (var cluster = new RaftCluster(directory, 1).start()) {
      cluster.publish(0, 3);
      RaftCluster.Node edge = cluster.startEdge();
      cluster.awaitLevel(edge);
      edge.stop();
      Files.delete(vote(edge));
      RaftCluster.get(edge.open());
      cluster.publish(3, 6);
      cluster.awaitLevel(edge);
    }
  }
}
