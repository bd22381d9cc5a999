package io.tidings.cli;

import io.tidings.event.Event;
import io.tidings.event.EventReader;
import io.tidings.event.InvalidEvent;
import io.tidings.log.EventLog;
import io.tidings.log.disk.DiskLog;
import io.tidings.metrics.Metrics;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;

/** {@code log import}: appends lines of NDJSON to a log, in batches. */
final class LogImport {
  private static final int BATCH_SIZE = 1_000;

  /** Fields that {@code log print} adds to an event; the log assigns new ones. */
  private static final Set<String> IGNORED_FIELDS = Set.of("position", "time");

  private LogImport() {}

  /**
   * Appends all lines to the log in the directory, which is created if it does not exist.
   *
   * @return the number of events
   * @throws IOException if a line is not an event; the events before it were appended
   */
  static long run(Path dir, BufferedReader lines) throws IOException, InterruptedException {
    Map<String, Object> settings =
        Map.of(
            "log.dir", dir.toString(),
            "log.keep.bytes", "0", // no retention: its bounds are in the hub's settings
            "log.sync", "batch",
            "log.patience", "1m");
    EventLog log = DiskLog.open(Settings.of(settings).log(), InstantSource.system(), new Metrics());
    try {
      return append(lines, log);
    } finally {
      await(log.close());
    }
  }

  private static long append(BufferedReader lines, EventLog log)
      throws IOException, InterruptedException {
    long count = 0;
    int number = 0;
    var batch = new ArrayList<Event>();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      number++;
      if (!line.isBlank()) {
        try {
          batch.addAll(EventReader.read(line, IGNORED_FIELDS, event -> {}));
        } catch (InvalidEvent e) {
          await(log.append(batch));
          throw new IOException(
              "line " + number + " is invalid, lines before it were imported: " + reason(e), e);
        }
      }
      if (batch.size() >= BATCH_SIZE) {
        count += await(log.append(batch)).size();
        batch.clear();
      }
    }
    return count + await(log.append(batch)).size();
  }

  private static String reason(InvalidEvent e) {
    return e.field() + " " + e.rule();
  }

  private static <T> T await(Future<T> future) throws IOException, InterruptedException {
    try {
      return future.toCompletionStage().toCompletableFuture().get();
    } catch (ExecutionException e) {
      throw new IOException(e.getCause().getMessage(), e.getCause());
    }
  }
}
