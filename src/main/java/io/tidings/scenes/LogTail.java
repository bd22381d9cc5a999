package io.tidings.scenes;

import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;

/**
 * Buffers the newest log lines of this process until they are drained. Any thread may log.
 *
 * <p>Accepts level INFO and above: publishing itself logs below that, and each published line would
 * cause another one for ever.
 */
final class LogTail extends Handler {
  private static final int MAX_LINES = 50;
  private static final int MAX_MESSAGE_LENGTH = 2_000;
  private final Formatter formatter = new SimpleFormatter();
  private final Deque<Line> lines = new ArrayDeque<>();
  private int skipped;

  LogTail() {
    setLevel(Level.INFO);
  }

  /**
   * One line.
   *
   * @param type {@code info}, {@code warning} or {@code severe}
   * @param data {@code {"time", "level", "logger", "message"}}, and {@code "skipped"}, the number
   *     of lines dropped before it, if any
   */
  record Line(String type, JsonObject data) {}

  @Override
  public void publish(LogRecord record) {
    if (!isLoggable(record)) {
      return;
    }
    int level = record.getLevel().intValue();
    String type =
        level >= Level.SEVERE.intValue()
            ? "severe"
            : level >= Level.WARNING.intValue() ? "warning" : "info";
    var data =
        new JsonObject()
            .put("time", record.getInstant().toString())
            .put("level", record.getLevel().getName())
            .put("logger", Objects.requireNonNullElse(record.getLoggerName(), ""))
            .put("message", message(record));
    add(new Line(type, data));
  }

  /** Returns and removes the buffered lines. */
  synchronized List<Line> drain() {
    if (lines.isEmpty()) {
      return List.of();
    }
    if (skipped > 0) {
      lines.peek().data.put("skipped", skipped);
    }
    List<Line> drained = List.copyOf(lines);
    lines.clear();
    skipped = 0;
    return drained;
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}

  private synchronized void add(Line line) {
    lines.add(line);
    if (lines.size() > MAX_LINES) {
      lines.remove();
      skipped++;
    }
  }

  private String message(LogRecord record) {
    String message = formatter.formatMessage(record);
    String thrown = record.getThrown() == null ? "" : ": " + record.getThrown();
    String all = message + thrown;
    String cut =
        all.length() > MAX_MESSAGE_LENGTH ? all.substring(0, MAX_MESSAGE_LENGTH) + "\u2026" : all;
    // replaces half of a surrogate pair, which would make the event invalid
    return new String(cut.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }
}
