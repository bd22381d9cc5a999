package io.tidings.log.raft;

import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Decides when the state of a run is saved, and has it saved on another thread, once at a time.
 * Confined to the thread that applies, but for the work on that other thread.
 */
final class StateSaving {
  private static final System.Logger LOG = System.getLogger(StateSaving.class.getName());

  /** The state is saved after this many bytes of commands, or commands, or this time. */
  static final long MAX_BYTES = 16 << 20;

  static final long MAX_COMMANDS = 20_000;
  static final long MAX_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final Store store;
  private final Executor saver;
  private final Consumer<IOException> forceFailed;
  private final LongSupplier nanoTime;

  /** Whether a state is being saved. Of both threads. */
  private final AtomicBoolean active = new AtomicBoolean();

  private long bytes;
  private long commands;
  private long since;

  /** Where states are saved. On the thread that saves; may block on the disk. */
  interface Store {
    /** Forces the entries that were appended to the disk. */
    void force() throws IOException;

    /** Saves a state whose entries are on the disk. */
    void save(Replica.Saved state) throws IOException;
  }

  /**
   * @param saver one thread
   * @param forceFailed is called when entries could not be forced: they may be lost, though a later
   *     force may seem to succeed
   * @param nanoTime as {@link System#nanoTime}
   */
  StateSaving(
      Store store, Executor saver, Consumer<IOException> forceFailed, LongSupplier nanoTime) {
    this.store = store;
    this.saver = saver;
    this.forceFailed = forceFailed;
    this.nanoTime = nanoTime;
    this.since = nanoTime.getAsLong();
  }

  /**
   * A command was applied. Has the state saved if that is due.
   *
   * @param commandBytes its size
   * @param now whether the state is to be saved after this command in any case
   * @param state makes the state to save, between two commands
   */
  void applied(int commandBytes, boolean now, Supplier<Replica.Saved> state) {
    if (isDue(commandBytes, now)) {
      Replica.Saved saved = state.get();
      saver.execute(() -> save(saved));
    }
  }

  private boolean isDue(int commandBytes, boolean now) {
    bytes += commandBytes;
    commands++;
    long nanos = nanoTime.getAsLong();
    boolean due =
        now || bytes >= MAX_BYTES || commands >= MAX_COMMANDS || nanos - since >= MAX_NANOS;
    if (!due || !active.compareAndSet(false, true)) {
      return false;
    }
    bytes = 0;
    commands = 0;
    since = nanos;
    return true;
  }

  private void save(Replica.Saved state) {
    try {
      if (force()) {
        store.save(state);
      }
    } catch (IOException | RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "the state could not be saved; tried again", e);
    } finally {
      active.set(false);
    }
  }

  private boolean force() {
    try {
      store.force();
      return true;
    } catch (IOException e) {
      forceFailed.accept(e);
      return false;
    }
  }
}
