package io.tidings;

import io.tidings.cli.CommandLine;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;

/**
 * A hub that starts in the working directory, serves a {@link SampleLoad}, and stops, so that the
 * JVM records the classes and the profiles of what it does: {@code conf/tidings train}. The
 * settings are the defaults, whatever the environment says. The process exits with status 0 if all
 * of it succeeded. What only a cluster needs is left out: the classes of the archive are resident
 * in every hub.
 */
public final class TrainingRun {
  /** After this time the process ends, whatever it is doing. */
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private TrainingRun() {}

  /**
   * @param arguments the number of rounds of the load: one for classes, more for profiles
   */
  public static void main(String[] arguments) {
    limit();
    int status = 1;
    try {
      run(Integer.parseInt(arguments[0]));
      status = 0;
    } catch (IOException | ExecutionException | InterruptedException e) {
      e.printStackTrace();
    } finally {
      System.exit(status);
    }
  }

  private static void limit() {
    var limit =
        new Thread(
            () -> {
              long end = System.nanoTime() + LIMIT.toNanos();
              for (long left = LIMIT.toNanos(); left > 0; left = end - System.nanoTime()) {
                LockSupport.parkNanos(left);
              }
              Runtime.getRuntime().halt(1);
            },
            "tidings-training-limit");
    limit.setDaemon(true);
    limit.start();
  }

  /** The hub is stopped by the exit, as it is by a signal. */
  private static void run(int rounds) throws IOException, ExecutionException, InterruptedException {
    HubNode hub = Main.start(CommandLine.parse("--port", "0"), Map.of()).orElseThrow();
    var load = new SampleLoad(hub);
    for (int round = 0; round < rounds; round++) {
      load.run();
    }
    load.browse();
  }
}
