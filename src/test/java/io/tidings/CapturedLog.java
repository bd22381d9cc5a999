package io.tidings;

import java.text.MessageFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** The lines that a class logs, until it is closed. */
public final class CapturedLog extends Handler implements AutoCloseable {
  private final Logger logger;
  private final List<String> lines = new CopyOnWriteArrayList<>();

  public CapturedLog(Class<?> source) {
    this(source.getName());
  }

  public CapturedLog(String name) {
    logger = Logger.getLogger(name);
    logger.addHandler(this);
  }

  /** The lines so far. */
  public List<String> lines() {
    return List.copyOf(lines);
  }

  public boolean contains(String text) {
    return lines.stream().anyMatch(line -> line.contains(text));
  }

  @Override
  public void publish(LogRecord line) {
    lines.add(
        line.getParameters() == null
            ? line.getMessage()
            : MessageFormat.format(line.getMessage(), line.getParameters()));
  }

  @Override
  public void flush() {
    // nothing is buffered
  }

  @Override
  public void close() {
    logger.removeHandler(this);
  }
}
