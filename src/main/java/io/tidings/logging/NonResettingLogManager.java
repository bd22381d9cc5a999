package io.tidings.logging;

import java.util.logging.LogManager;

/**
 * Lets the process log to its very end. Java's own log manager takes all handlers away as soon as
 * the process begins to end, and a hub that ends has still to tell how that went.
 */
public final class NonResettingLogManager extends LogManager {
  /** The system property by which Java is told which log manager it shall have. */
  static final String PROPERTY = "java.util.logging.manager";

  @Override
  public void reset() {
    // the handlers stay; what they write to needs no closing
  }
}
