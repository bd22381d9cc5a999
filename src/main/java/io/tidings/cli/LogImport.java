package io.tidings.cli;

import io.tidings.event.Event;
import io.tidings.event.EventReader;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Publication;
import io.tidings.log.Entry;
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
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/** {@code log import}: appends lines of NDJSON to a log, in batches. */
final class LogImport {
  private static final int BATCH_EVENTS = 1_000;

  /** As a log accepts several publications at once up to a bound. */
  private static final long BATCH_BYTES = 4 << 20;

  /** The fields that {@code log print} adds to an event. The log assigns positions and times. */
  private final Map<String, Consumer<String>> furtherFields =
      Map.of("position", text -> {}, "time", text -> {}, "scope", this::setScope);

  private final EventLog log;
  private long count;

  /** The scope of the event that is being read. */
  private String scope = "";

  /** The events of the line that is being read, which are imported together or not at all. */
  private final List<Scoped> line = new ArrayList<>();

  /** The last events that were read, which have the same scope. */
  private final List<Event> events = new ArrayList<>();

  private String scopeOfEvents = "";

  /** Publications of the batch, which are being appended. */
  private final List<Future<List<Entry>>> appended = new ArrayList<>();

  private int batchEvents;
  private long batchBytes;

  private record Scoped(Event event, String scope) {}

  private LogImport(EventLog log) {
    this.log = log;
  }

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
      return new LogImport(log).append(lines);
    } finally {
      await(log.close());
    }
  }

  private long append(BufferedReader lines) throws IOException, InterruptedException {
    int number = 0;
    for (String text = lines.readLine(); text != null; text = lines.readLine()) {
      number++;
      if (!text.isBlank()) {
        try {
          EventReader.read(text, furtherFields, this::read);
          line.forEach(this::add);
          line.clear();
        } catch (InvalidEvent e) {
          awaitBatch();
          throw new IOException(
              "line " + number + " is invalid, lines before it were imported: " + reason(e), e);
        }
      }
      if (batchEvents >= BATCH_EVENTS || batchBytes >= BATCH_BYTES) {
        awaitBatch();
      }
    }
    awaitBatch();
    return count;
  }

  private void setScope(String text) {
    if (text == null || !Publication.isScope(text)) {
      throw new InvalidEvent("scope", "must be as log print wrote it");
    }
    scope = text;
  }

  private void read(Event event) {
    line.add(new Scoped(event, scope));
    scope = "";
  }

  private void add(Scoped one) {
    if (!one.scope.equals(scopeOfEvents)) {
      append();
      scopeOfEvents = one.scope;
    }
    events.add(one.event);
    batchEvents++;
    batchBytes += one.event.cost();
  }

  /** Appends the events that were read, whose order the log keeps. */
  private void append() {
    if (!events.isEmpty()) {
      appended.add(log.append(Publication.of(events).withScope(scopeOfEvents)));
      events.clear();
    }
  }

  private void awaitBatch() throws IOException, InterruptedException {
    append();
    for (Future<List<Entry>> publication : appended) {
      count += await(publication).size();
    }
    appended.clear();
    batchEvents = 0;
    batchBytes = 0;
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
