package io.tidings.log.disk;

import java.util.Random;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Runs a random test many times, each with a seed of its own, which is in the message of a failure;
 * {@code -Dtidings.faults.seed} repeats one. The log messages of the runs are not of interest.
 */
final class FaultRuns {
  private static final Logger LOGGER = Logger.getLogger("io.tidings.log");
  private static final String SEED = "tidings.faults.seed";

  private FaultRuns() {}

  interface Run {
    void run(long seed) throws Exception;
  }

  static void repeat(int times, Run run) {
    long seed = Long.getLong(SEED, new Random().nextLong());
    LOGGER.setLevel(Level.OFF);
    try {
      for (int i = 0; i < (System.getProperty(SEED) == null ? times : 1); i++) {
        run(seed + i, run);
      }
    } finally {
      LOGGER.setLevel(null);
    }
  }

  private static void run(long seed, Run run) {
    try {
      run.run(seed);
    } catch (Throwable e) {
      throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
    }
  }
}
