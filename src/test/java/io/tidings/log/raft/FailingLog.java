package io.tidings.log.raft;

import io.tidings.Wait;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** There is no memory for the first lines that a class logs, until it is closed. */
final class FailingLog extends Handler implements AutoCloseable {
  private final Logger logger;
  private final AtomicInteger left;

  FailingLog(Class<?> source, int times) {
    logger = Logger.getLogger(source.getName());
    left = new AtomicInteger(times);
    logger.addHandler(this);
  }

  @Override
  public void publish(LogRecord line) {
    if (left.getAndUpdate(times -> Math.max(0, times - 1)) > 0) {
      throw new OutOfMemoryError("simulated");
    }
  }

  void awaitFailures() {
    Wait.until("the lines could not be logged", () -> left.get() == 0);
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
