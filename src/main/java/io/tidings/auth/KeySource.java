package io.tidings.auth;

import io.tidings.auth.InvalidToken.Reason;
import io.tidings.auth.KeyLoader.Loaded;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;

/**
 * The keys of one issuer, kept up to date. Any thread; its state is guarded by its monitor, which
 * is never held while something is loaded.
 *
 * <p>Keys that were loaded are used until others are: while the issuer can't be reached, tokens of
 * its known keys are still accepted. A key that is not known makes it load at once, but seldom:
 * whoever makes up key ids must not be able to flood the issuer.
 */
final class KeySource {
  private static final System.Logger LOG = System.getLogger(KeySource.class.getName());

  /** How many may wait for one load. */
  static final int MAX_WAITING = 100;

  private static final double JITTER = 0.1;
  private static final Duration MIN_FRESH = Duration.ofMinutes(1);
  private static final Duration MAX_FRESH = Duration.ofHours(24);

  /**
   * When keys are loaded.
   *
   * @param period after a success, unless the source says otherwise
   * @param retry after a failure
   * @param unknown at least between two loads because of unknown keys
   */
  record Schedule(Duration period, Duration retry, Duration unknown) {
    static final Schedule REMOTE =
        new Schedule(Duration.ofMinutes(10), Duration.ofSeconds(30), Duration.ofSeconds(30));
    static final Schedule FILE =
        new Schedule(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(1));
  }

  private final String name;
  private final KeyLoader loader;
  private final Schedule schedule;
  private final LongSupplier nanoTime;
  private final Runnable changed;

  private volatile KeySet keys = KeySet.NONE;

  // guarded by this
  private Optional<Future<Void>> loading = Optional.empty();
  private int waiting;
  private long lastUnknown;
  private long due;
  private boolean failing;
  private boolean closed;

  /**
   * @param name of the issuer or the setting, for the log
   * @param changed called when keys were replaced by others
   */
  KeySource(
      String name, KeyLoader loader, Schedule schedule, LongSupplier nanoTime, Runnable changed) {
    this.name = name;
    this.loader = loader;
    this.schedule = schedule;
    this.nanoTime = nanoTime;
    this.changed = changed;
    this.lastUnknown = nanoTime.getAsLong() - schedule.unknown().toNanos();
  }

  /** The keys that are known; none until the first load has succeeded. */
  KeySet keys() {
    return keys;
  }

  /** Whether the last load has failed. */
  synchronized boolean failing() {
    return failing;
  }

  /** Loads the keys, or joins the load that is under way. */
  synchronized Future<Void> load() {
    if (loading.isPresent() || closed) {
      return loading.orElse(Future.succeededFuture());
    }
    Promise<Void> promise = Promise.promise();
    loading = Optional.of(promise.future());
    Future.succeededFuture()
        .compose(start -> loader.load()) // so that an exception fails the future
        .onComplete(
            result -> {
              if (result.succeeded()) {
                loaded(result.result());
                promise.complete();
              } else {
                failed(result.cause());
                promise.fail(result.cause());
              }
            });
    return promise.future();
  }

  /**
   * Loads the keys because a token names one that is not known.
   *
   * @return completes when they were loaded; with false if that must not be done now, or failed;
   *     fails with {@link InvalidToken} if too many wait already
   */
  Future<Boolean> loadForUnknownKey() {
    Future<Void> load;
    synchronized (this) {
      long now = nanoTime.getAsLong();
      boolean soon = now - lastUnknown < schedule.unknown().toNanos();
      if (soon && loading.isEmpty()) {
        return Future.succeededFuture(false);
      }
      if (waiting >= MAX_WAITING) {
        return Future.failedFuture(
            new InvalidToken(
                Reason.BUSY, "too many tokens wait for the keys of their issuer; try again"));
      }
      if (loading.isEmpty()) {
        lastUnknown = now;
      }
      waiting++;
      load = load();
    }
    return load.transform(
        result -> {
          synchronized (this) {
            waiting--;
          }
          return Future.succeededFuture(result.succeeded());
        });
  }

  /** Loads the keys if it is time. To be called about once a second. */
  void tick() {
    synchronized (this) {
      if (loading.isPresent() || nanoTime.getAsLong() - due < 0) {
        return;
      }
    }
    load();
  }

  private synchronized void loaded(Loaded loaded) {
    if (failing) {
      LOG.log(System.Logger.Level.INFO, name + ": keys are loaded again");
    }
    boolean replaced = !keys.equals(loaded.keys());
    keys = loaded.keys();
    if (replaced) {
      changed.run();
    }
    done(false, loaded.freshFor().map(KeySource::clamped).orElse(schedule.period()));
  }

  private synchronized void failed(Throwable cause) {
    if (!failing) {
      LOG.log(
          System.Logger.Level.WARNING,
          name
              + ": keys can't be loaded; "
              + (keys.isEmpty() ? "no token of it is accepted" : "the known ones stay in use")
              + ": "
              + cause.getMessage());
    }
    done(true, schedule.retry());
  }

  private void done(boolean failed, Duration pause) {
    failing = failed;
    loading = Optional.empty();
    double factor = 1 + JITTER * (2 * ThreadLocalRandom.current().nextDouble() - 1);
    due = nanoTime.getAsLong() + (long) (pause.toNanos() * factor);
  }

  private static Duration clamped(Duration fresh) {
    return fresh.compareTo(MIN_FRESH) < 0
        ? MIN_FRESH
        : fresh.compareTo(MAX_FRESH) > 0 ? MAX_FRESH : fresh;
  }

  /** Loads no more. */
  Future<Void> close() {
    synchronized (this) {
      closed = true;
    }
    return loader.close();
  }
}
