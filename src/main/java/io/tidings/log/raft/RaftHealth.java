package io.tidings.log.raft;

import io.tidings.log.Followers;
import io.tidings.log.LogState;
import io.vertx.core.Handler;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
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

  /** Why nothing can be applied, however long one waits; empty if it can. */
  private String obstacle = "";

  private final Deque<Runnable> calls = new ArrayDeque<>();
  private boolean calling;

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
  void watch(Handler<LogState> watcher) {
    synchronized (this) {
      LogState now = state;
      calls.add(
          () -> {
            var first = new Followers<LogState>();
            first.add(watcher);
            first.handle(now);
            watchers.add(watcher);
          });
    }
    call();
  }

  /** Calls the handler no more; what was to be called before is called still. */
  void forget(Handler<LogState> watcher) {
    synchronized (this) {
      calls.add(() -> watchers.remove(watcher));
    }
    call();
  }

  /**
   * Calls the watchers, in the order of the changes, without the lock: a watcher may wait for what
   * another thread holds that asks for the state.
   */
  private void call() {
    while (true) {
      Runnable next;
      synchronized (this) {
        if (calling || calls.isEmpty()) {
          return;
        }
        calling = true;
        next = calls.remove();
      }
      next.run();
      synchronized (this) {
        calling = false;
      }
    }
  }

  private void change(Runnable change) {
    synchronized (this) {
      change.run();
      update();
    }
    call();
  }

  /** Whether there is a leader; called several times a second. */
  void leader(boolean present) {
    change(
        () -> {
          long now = nanoTime.getAsLong();
          connected = present;
          if (now - leaderSeen > electionNanos) {
            level = false; // also after a pause of this process, in which nobody looked
          }
          if (present) {
            leaderSeen = now;
          }
        });
  }

  /** Whether {@link #caughtUp} must be called; then it is expected to be. */
  synchronized boolean mustCatchUp() {
    if (level || catchingUp || !connected || !failure.isEmpty() || !obstacle.isEmpty()) {
      return false;
    }
    catchingUp = true;
    return true;
  }

  /** The node has applied what was committed before, or could not. */
  void caughtUp(boolean success) {
    change(
        () -> {
          level |= catchingUp && success && connected;
          catchingUp = false;
        });
  }

  /** The disk, or the engine, failed: what is committed meanwhile is missed. */
  void failed(String reason) {
    change(
        () -> {
          failure = reason;
          level = false;
          catchingUp = false;
        });
  }

  void recovered() {
    change(() -> failure = "");
  }

  /**
   * This node can apply nothing until someone does what the reason says. Ends with {@link
   * #progressed}.
   */
  void stuck(String reason) {
    obstructed(System.Logger.Level.ERROR, reason);
  }

  /** This node can apply nothing until it has fetched what it lacks. Ends as {@link #stuck}. */
  void fetches(String reason) {
    obstructed(System.Logger.Level.WARNING, reason);
  }

  private void obstructed(System.Logger.Level severity, String reason) {
    boolean news;
    synchronized (this) {
      news = !reason.equals(obstacle);
    }
    if (news) {
      LOG.log(severity, reason);
    }
    change(
        () -> {
          obstacle = reason;
          level = false;
          catchingUp = false;
        });
  }

  /** This node applies again. */
  void progressed() {
    change(() -> obstacle = "");
  }

  void closed() {
    change(() -> closed = true);
  }

  /** Why publishing is refused, in one line; empty if it is not. */
  synchronized Optional<String> refusal() {
    if (closed) {
      return Optional.of("the log is closed");
    } else if (!obstacle.isEmpty()) {
      return Optional.of(obstacle);
    } else if (!failure.isEmpty()) {
      return Optional.of("this node can't write: " + failure);
    } else if (nanoTime.getAsLong() - leaderSeen > electionNanos && !connected) {
      return Optional.of("no majority of the cluster's nodes can be reached");
    }
    return Optional.empty();
  }

  /** Whether nothing prevents this node from applying what is committed. */
  synchronized boolean writes() {
    return failure.isEmpty() && obstacle.isEmpty();
  }

  /** For how long this node may have missed entries; 0 if it has not. */
  synchronized long behindMillis() {
    long since = nanoTime.getAsLong() - leaderSeen;
    return level && connected && since <= electionNanos ? 0 : TimeUnit.NANOSECONDS.toMillis(since);
  }

  /** For how long there has been no leader, if the node is isolated. */
  synchronized Optional<Duration> isolated() {
    return state == LogState.ISOLATED
        ? Optional.of(Duration.ofNanos(nanoTime.getAsLong() - leaderSeen))
        : Optional.empty();
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
    calls.add(() -> watchers.handle(now));
  }

  private LogState state() {
    if (closed) {
      return LogState.DOWN;
    } else if (!connected && nanoTime.getAsLong() - leaderSeen >= isolatedNanos) {
      return LogState.ISOLATED;
    }
    return failure.isEmpty() && obstacle.isEmpty() && level ? LogState.UP : LogState.READ_ONLY;
  }
}
