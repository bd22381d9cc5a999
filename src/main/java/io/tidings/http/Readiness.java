package io.tidings.http;

import io.tidings.log.LogState;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Whether the hub can open streams and accept events. One instance for all event loops;
 * thread-safe.
 */
public final class Readiness {
  private volatile boolean listening;
  private volatile boolean draining;
  private volatile boolean loopEnded;
  private volatile LogState log = LogState.DOWN;
  private volatile Supplier<Optional<String>> outside = Optional::empty;

  /** The hub listens, on every event loop. */
  public void listening() {
    listening = true;
  }

  /** The hub is stopping. */
  public void draining() {
    draining = true;
  }

  /** Whether the hub is stopping. */
  public boolean isDraining() {
    return draining;
  }

  /** An event loop has ended by an error: its streams receive nothing any more. */
  public void loopEnded() {
    loopEnded = true;
  }

  /** Whether the hub can recover without being restarted. */
  boolean alive() {
    return !loopEnded;
  }

  /**
   * @param reason why this hub is not a voter of its cluster; empty if it is one
   */
  public void outside(Supplier<Optional<String>> reason) {
    outside = reason;
  }

  /** Updates the state of the log. */
  public void log(LogState state) {
    log = state;
  }

  /** The state of the log. */
  public LogState log() {
    return log;
  }

  /** Whether streams can be opened and events published. */
  public boolean ready() {
    return reason().isEmpty();
  }

  /** Why the hub is not ready; empty if it is ready. */
  String reason() {
    if (draining) {
      return "stopping";
    } else if (loopEnded) {
      return "an event loop has ended by an error: the hub must be restarted";
    } else if (!listening) {
      return "starting";
    }
    LogState now = log;
    return now == LogState.UP ? "" : outside.get().orElseGet(() -> reason(now));
  }

  private static String reason(LogState log) {
    return switch (log) {
      case UP -> "";
      case READ_ONLY -> "the log is read-only: no event can be stored at present";
      case ISOLATED -> "the log is isolated: no majority of the cluster's nodes can be reached";
      case DOWN -> "the log is down";
    };
  }
}
