package io.tidings.log;

import io.vertx.core.Handler;
import java.io.IOException;
import java.util.Optional;

/**
 * Whether a single node's log can be written, and why not; tells those who watch its {@link
 * LogState}. Any thread.
 */
final class LogHealth {
  private static final System.Logger LOG = System.getLogger(LogHealth.class.getName());

  private final Followers<LogState> watchers = new Followers<>();
  private volatile String failure = "";
  private volatile boolean stalled;
  private volatile boolean ended;
  private LogState state = LogState.UP;

  /** Tells the state now, and then every change of it. */
  synchronized void watch(Handler<LogState> watcher) {
    watchers.add(watcher);
    watcher.handle(state);
  }

  /** An append, or what belongs to it, failed. */
  void broken(IOException e) {
    failure = e.getMessage() == null ? e.toString() : e.getMessage();
    changed();
  }

  /** The log can be written again. */
  void healed() {
    failure = "";
    changed();
  }

  /** An append has not come back for longer than publishers wait; or it has. */
  void stalled(boolean now) {
    if (stalled != now) {
      stalled = now;
      changed();
    }
  }

  /** Nothing is appended any more. */
  void ended() {
    ended = true;
    changed();
  }

  /** Whether appends succeed, as far as is known. */
  boolean writable() {
    return failure.isEmpty();
  }

  /** Why an append is refused, in one line; nothing where it is not. */
  Optional<String> refusal() {
    if (!failure.isEmpty()) {
      return Optional.of("the log can't write: " + failure);
    }
    return stalled
        ? Optional.of("the log can't write: the disk does not answer")
        : Optional.empty();
  }

  private synchronized void changed() {
    LogState now = ended ? LogState.DOWN : refusal().isPresent() ? LogState.READ_ONLY : LogState.UP;
    if (now == state) {
      return;
    }
    state = now;
    if (now == LogState.READ_ONLY) {
      LOG.log(System.Logger.Level.ERROR, "{0}; it is read-only", refusal().orElse(""));
    } else if (now == LogState.UP) {
      LOG.log(System.Logger.Level.INFO, "the log can write again");
    }
    watchers.handle(now);
  }
}
