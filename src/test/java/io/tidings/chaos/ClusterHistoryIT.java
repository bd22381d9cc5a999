package io.tidings.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Three voters, or five, under faults on a schedule, which change too, and clients whose rights
 * change: every history keeps the promises, and nobody received or did what he was not allowed at
 * that moment. {@code make chaos} runs it for an hour (SEED, ARGS for the seconds). A failure
 * leaves the nodes' output and disks in {@code target/chaos}.
 */
class ClusterHistoryIT {
  private static final int SECONDS = Integer.getInteger("chaos.seconds", 140);
  private static final long SEED = Long.getLong("chaos.seed", new Random().nextInt(1_000_000));
  private static final Path DIRECTORY = Path.of("target", "chaos").toAbsolutePath();

  /** For {@code make chaos}. */
  public static void main(String[] arguments) throws Exception {
    int status = 1;
    try {
      new ClusterHistoryIT().whatClientsSawIsTrueUnderEveryFault();
      status = 0;
    } catch (Exception | AssertionError e) {
      e.printStackTrace();
    }
    System.exit(status); // the HTTP client's threads, and publishers
  }

  @Test
  void whatClientsSawIsTrueUnderEveryFault() throws Exception {
    System.out.println("chaos: seed " + SEED + ", " + SECONDS + " s");
    Run.Result result = Run.of(DIRECTORY.resolve("" + SEED), Cluster.Kind.CLUSTER, SEED, SECONDS);
    System.out.println(result.report());
    assertEquals(List.of(), result.problems(), result.report());
  }

  /** The checker is not blind: hubs that are no cluster break nearly every promise. */
  @Test
  void threeHubsThatAreNoClusterAreFoundOut() throws Exception {
    var expected =
        EnumSet.of(
            Violation.Kind.LOST,
            Violation.Kind.REPLAYS_DIFFER,
            Violation.Kind.ANSWERS_DIFFER,
            Violation.Kind.HALF_REVOKED);
    var kinds = EnumSet.noneOf(Violation.Kind.class);
    for (int i = 0; i < 3 && !kinds.containsAll(expected); i++) { // a short run may revoke nothing
      Path directory = DIRECTORY.resolve("apart" + i);
      Run.Result result = Run.of(directory, Cluster.Kind.APART, SEED + i, 0);
      result.violations().forEach(violation -> kinds.add(violation.kind()));
    }
    assertTrue(kinds.containsAll(expected), kinds.toString());
  }
}
