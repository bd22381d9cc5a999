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
 * The newest lines that this process logged, until somebody takes them. Any thread may log.
 *
 * <p>Takes what is of level INFO or above: what is logged of publishing itself, such as each
 * message on the event bus, is below, and would be published for ever.
 */
final class LogTail extends Handler {
  private static final int MOST = 50;
  private static final int LONGEST = 2_000;
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
   * @param data {@code {"time", "level", "logger", "message"}}, and how many before it were left
   *     out, where some were: {@code "skipped"}
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

  /** All that was logged since it was asked before, but for the oldest where it was much. */
  synchronized List<Line> take() {
    if (lines.isEmpty()) {
      return List.of();
    }
    if (skipped > 0) {
      lines.peek().data.put("skipped", skipped);
    }
    List<Line> taken = List.copyOf(lines);
    lines.clear();
    skipped = 0;
    return taken;
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}

  private synchronized void add(Line line) {
    lines.add(line);
    if (lines.size() > MOST) {
      lines.remove();
      skipped++;
    }
  }

  private String message(LogRecord record) {
    String message = formatter.formatMessage(record);
    String thrown = record.getThrown() == null ? "" : ": " + record.getThrown();
    String all = message + thrown;
    String cut = all.length() > LONGEST ? all.substring(0, LONGEST) + "\u2026" : all;
    // half of a surrogate pair is no text, and would not be taken
    return new String(cut.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }
}
