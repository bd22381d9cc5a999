package io.tidings.http;

import io.tidings.log.LogState;
import java.util.Locale;

/** Whether streams can be opened. One for all event loops; any thread. */
public final class Readiness {
  private volatile boolean listening;
  private volatile boolean draining;
  private volatile LogState log = LogState.DOWN;

  /** The hub listens, on every loop. */
  public void listening() {
    listening = true;
  }

  /** The hub is about to stop. */
  public void draining() {
    draining = true;
  }

  /** The log can do this from now on. */
  public void log(LogState state) {
    log = state;
  }

  /** What the log can do. */
  public LogState log() {
    return log;
  }

  /** Whether streams can be opened, and events be published. */
  public boolean ready() {
    return reason().isEmpty();
  }

  /** Why it is not ready; empty where it is. */
  String reason() {
    if (draining) {
      return "stopping";
    } else if (!listening) {
      return "starting";
    }
    return log == LogState.UP ? "" : "the log is " + log.name().toLowerCase(Locale.ROOT);
  }
}
