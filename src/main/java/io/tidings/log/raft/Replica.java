package io.tidings.log.raft;

import io.tidings.log.LocalLog;
import io.tidings.log.Retention;
import io.tidings.log.raft.ReplicatedState.Applied;
import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * This node's copy of what the commands change: the state, and the log with the entries. Commands
 * are applied on one thread; other methods may be called on any.
 */
final class Replica implements Closeable {
  private final LocalLogOpener opener;
  private final CommandApplier.WriteRetry retry;

  /** Held while a command is applied. */
  private final ReentrantLock applying = new ReentrantLock();

  private volatile ReplicatedState state;
  private volatile LocalLog log;
  private CommandApplier applier;

  /**
   * Whether a command was given up, since the run is being closed: its records may be in doubt, so
   * nothing is done with the log any more. Guarded by the lock.
   */
  private boolean givenUp;

  // guarded by this
  private long term;
  private long index = -1;
  private boolean closed;

  /**
   * A state, to be saved when the log is on the disk.
   *
   * @param index of the command that was applied last
   */
  record Saved(long term, long index, ReplicatedState.Copy state) {}

  Replica(LocalLogOpener opener, CommandApplier.WriteRetry retry) {
    this.opener = opener;
    this.retry = retry;
  }

  /**
   * Continues from a state, before the first command.
   *
   * @throws IOException if the log can't be opened, or lacks entries of the state
   */
  synchronized void load(ReplicatedState from) throws IOException {
    state = from;
    if (from.configured()) {
      openLog();
    }
  }

  /**
   * What is in the files beyond the state is not trusted: it may be in the memory of the system
   * only, and a force that failed in an earlier process may seem to succeed in this one. Its
   * commands are in the Raft log and are applied again.
   */
  private void openLog() throws IOException {
    LocalLog opened = opener.open(state.epoch(), state.next() - 1);
    try {
      applier = new CommandApplier(opened, state, retry);
    } catch (IOException e) {
      opened.close();
      throw e;
    }
    log = opened;
  }

  /** Applies a command; waits while the disk refuses. */
  Applied apply(long ofTerm, long ofIndex, Command command) throws InterruptedException {
    applying.lock();
    try {
      Applied applied = applier == null ? begin(ofIndex, command) : applier.apply(ofIndex, command);
      synchronized (this) {
        term = ofTerm;
        index = ofIndex;
      }
      return applied;
    } catch (InterruptedException e) {
      givenUp = true;
      throw e;
    } finally {
      applying.unlock();
    }
  }

  /** The command that begins the log; what else comes before it changes nothing but the state. */
  private Applied begin(long ofIndex, Command command) throws InterruptedException {
    Applied applied = state.apply(ofIndex, command);
    boolean failed = false;
    while (state.configured() && log == null) {
      try {
        synchronized (this) {
          if (closed) {
            throw new InterruptedException("the log is being closed");
          }
          openLog();
        }
      } catch (IOException e) {
        failed = true;
        retry.await(e);
      }
    }
    if (failed) {
      retry.recovered();
    }
    return applied;
  }

  /** On the thread that applies, between two commands: what is to be saved now. */
  synchronized Saved save() {
    return new Saved(term, index, state.copy());
  }

  /**
   * Removes the entries that exceed the retention, unless a command is being applied or was given
   * up.
   *
   * @param now in milliseconds since 1970
   */
  void applyRetention(Retention retention, long now) throws IOException {
    if (!applying.tryLock()) {
      return;
    }
    try {
      if (log != null && !givenUp) {
        log.keep(retention);
        log.expireNewest(now);
        log.applyRetention(now);
      }
    } finally {
      applying.unlock();
    }
  }

  /** The node's log; empty until the cluster's log has begun. */
  Optional<LocalLog> log() {
    return Optional.ofNullable(log);
  }

  /** The checkpoints, while commands may be applied. */
  CheckpointTable checkpoints() {
    return state.checkpoints();
  }

  ReplicatedState state() {
    return state;
  }

  /** Closes the log. No command may be applied any more. */
  @Override
  public synchronized void close() throws IOException {
    if (!closed && log != null) {
      log.close();
    }
    closed = true;
  }
}
