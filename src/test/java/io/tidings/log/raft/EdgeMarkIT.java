package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a power cut leaves of the mark by which an edge's directory is known. */
@Timeout(60)
class EdgeMarkIT {
  private static final int POWER_CUTS = 20;

  @TempDir Path work;

  /** What is traced. */
  public static final class Mark {
    private Mark() {}

    /**
     * @param arguments the node's directory, and perhaps that the mark is removed too
     */
    public static void main(String[] arguments) throws IOException {
      Path raft = Path.of(arguments[0]).resolve("raft");
      EdgeDirectory.mark(raft);
      if (arguments.length > 1) {
        EdgeDirectory.becomesVoter(raft);
      }
    }
  }

  private Path afterPowerCut(int number, String... removed) throws Exception {
    Path node = Files.createDirectories(work.resolve("node" + number + removed.length));
    TracedDisk disk = TracedDisk.read(node);
    List<FileOperation> operations = FileOperation.of(Mark.class, work, node, removed);
    operations.forEach(disk::apply);
    Path left = work.resolve("left");
    for (int i = 0; i < POWER_CUTS; i++) {
      Path copy = left.resolve(removed.length + "-" + i);
      disk.writeCutTo(copy, new Random(i));
    }
    return left;
  }

  @Test
  void anEdgeIsKnownAfterAPowerCut() throws Exception {
    Path left = afterPowerCut(0);
    for (int i = 0; i < POWER_CUTS; i++) {
      assertTrue(EdgeDirectory.isMarked(left.resolve("0-" + i).resolve("raft")));
    }
  }

  @Test
  void aVoterIsNotTakenForTheEdgeThatItWas() throws Exception {
    Path left = afterPowerCut(1, "removed");
    for (int i = 0; i < POWER_CUTS; i++) {
      assertFalse(EdgeDirectory.isMarked(left.resolve("1-" + i).resolve("raft")));
    }
  }
}
