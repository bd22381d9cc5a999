package io.tidings.log;

import io.vertx.core.Handler;
import java.io.IOException;
import java.util.Optional;

/**
 * Whether a single node's log can be written, and why not. Reports its {@link LogState}.
 * Thread-safe.
 */
final class LogHealth {
  private static final System.Logger LOG = System.getLogger(LogHealth.class.getName());

  private final Followers<LogState> watchers = new Followers<>();
  private volatile String failure = "";
  private volatile boolean stalled;
  private volatile boolean closed;
  private LogState state = LogState.UP;

  /** Calls the handler with the current state, and then with every change of it. */
  synchronized void watch(Handler<LogState> watcher) {
    watchers.add(watcher);
    watcher.handle(state);
  }

  /** Calls the handler no more. */
  void forget(Handler<LogState> watcher) {
    watchers.remove(watcher);
  }

  /** An append, or the work around it, failed. */
  void failed(Throwable e) {
    failure = e instanceof IOException && e.getMessage() != null ? e.getMessage() : e.toString();
    update();
  }

  /** The log can be written again. */
  void recovered() {
    failure = "";
    update();
  }

  /** The committer has been blocked for longer than publishers wait. */
  void stalled() {
    setStalled(true);
  }

  /** The committer is not blocked, or not any more. */
  void responding() {
    setStalled(false);
  }

  private void setStalled(boolean now) {
    if (stalled != now) {
      stalled = now;
      update();
    }
  }

  /** The log was closed; nothing is appended any more. */
  void closed() {
    closed = true;
    update();
  }

  /** Whether the last append succeeded. */
  boolean writable() {
    return failure.isEmpty();
  }

  /** Why appends are refused, in one line; empty if they are not. */
  Optional<String> refusal() {
    if (!failure.isEmpty()) {
      return Optional.of("the log can't write: " + failure);
    }
    return stalled
        ? Optional.of("the log can't write: the disk does not answer")
        : Optional.empty();
  }

  private synchronized void update() {
    LogState now =
        closed ? LogState.DOWN : refusal().isPresent() ? LogState.READ_ONLY : LogState.UP;
    if (now == state) {
      return;
    }
    state = now;
    if (now == LogState.READ_ONLY) {
      LOG.log(System.Logger.Level.ERROR, "{0}; the log is read-only", refusal().orElse(""));
    } else if (now == LogState.UP) {
      LOG.log(System.Logger.Level.INFO, "the log can be written again");
    }
    watchers.handle(now);
  }
}
