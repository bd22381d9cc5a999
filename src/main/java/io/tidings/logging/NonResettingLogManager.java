package io.tidings.logging;

import java.util.logging.LogManager;

/**
 * A log manager that keeps its handlers during shutdown. The JDK's own removes them in a shutdown
 * hook, which would suppress what the hub logs while it stops.
 */
public final class NonResettingLogManager extends LogManager {
  /** The system property that selects the JVM's log manager. */
  static final String PROPERTY = "java.util.logging.manager";

  @Override
  public void reset() {
    // keeps the handlers; the console needs no closing
  }
}
