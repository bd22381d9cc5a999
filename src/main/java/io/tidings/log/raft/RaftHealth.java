package io.tidings.log.raft;

import io.tidings.log.Followers;
import io.tidings.log.LogState;
import io.vertx.core.Handler;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Whether this node can answer for the cluster's log, and why not. A leader that is missing for
 * less than {@value #ELECTION_SECONDS} seconds, as in an election, changes nothing. Thread-safe.
 */
final class RaftHealth {
  private static final System.Logger LOG = System.getLogger(RaftHealth.class.getName());
  private static final int ELECTION_SECONDS = 3;

  private final Followers<LogState> watchers = new Followers<>();
  private final long electionNanos = TimeUnit.SECONDS.toNanos(ELECTION_SECONDS);
  private final long isolatedNanos;
  private final LongSupplier nanoTime;

  // guarded by this
  private LogState state = LogState.READ_ONLY;
  private String failure = "";
  private boolean connected;
  private long leaderSeen;
  private boolean level;
  private boolean catchingUp;
  private boolean closed;

  /**
   * @param isolated after which time without a leader the node is isolated
   * @param nanoTime as {@link System#nanoTime}
   */
  RaftHealth(Duration isolated, LongSupplier nanoTime) {
    this.isolatedNanos = isolated.toNanos();
    this.nanoTime = nanoTime;
    this.leaderSeen = nanoTime.getAsLong();
  }

  /** Calls the handler with the current state, and then with every change of it. */
  synchronized void watch(Handler<LogState> watcher) {
    watchers.add(watcher);
    watcher.handle(state);
  }

  /** Whether there is a leader; called several times a second. */
  synchronized void leader(boolean present) {
    long now = nanoTime.getAsLong();
    connected = present;
    if (present) {
      leaderSeen = now;
    } else if (now - leaderSeen > electionNanos) {
      level = false;
    }
    update();
  }

  /** Whether {@link #caughtUp} must be called; then it is expected to be. */
  synchronized boolean mustCatchUp() {
    if (level || catchingUp || !connected) {
      return false;
    }
    catchingUp = true;
    return true;
  }

  /** The node has applied what was committed before, or could not. */
  synchronized void caughtUp(boolean success) {
    catchingUp = false;
    level |= success && connected;
    update();
  }

  /** The disk, or the engine, failed. */
  synchronized void failed(String reason) {
    failure = reason;
    update();
  }

  synchronized void recovered() {
    failure = "";
    update();
  }

  synchronized void closed() {
    closed = true;
    update();
  }

  /** Why publishing is refused, in one line; empty if it is not. */
  synchronized Optional<String> refusal() {
    if (closed) {
      return Optional.of("the log is closed");
    } else if (!failure.isEmpty()) {
      return Optional.of("this node can't write: " + failure);
    } else if (nanoTime.getAsLong() - leaderSeen > electionNanos && !connected) {
      return Optional.of("no majority of the cluster's nodes can be reached");
    }
    return Optional.empty();
  }

  /** For how long this node may have missed entries; 0 if it has not. */
  synchronized long behindMillis() {
    return level && connected
        ? 0
        : TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong() - leaderSeen);
  }

  private void update() {
    LogState now = state();
    if (now == state) {
      return;
    }
    state = now;
    if (now == LogState.UP) {
      LOG.log(System.Logger.Level.INFO, "connected to the cluster, and level with it");
    } else if (now != LogState.DOWN) {
      LOG.log(System.Logger.Level.WARNING, "{0}; the log is {1}", refusal().orElse("behind"), now);
    }
    watchers.handle(now);
  }

  private LogState state() {
    if (closed) {
      return LogState.DOWN;
    } else if (!connected && nanoTime.getAsLong() - leaderSeen >= isolatedNanos) {
      return LogState.ISOLATED;
    }
    return failure.isEmpty() && level ? LogState.UP : LogState.READ_ONLY;
  }
}
