package io.tidings.log.redis;

import io.tidings.event.Position;
import io.tidings.log.Entry;
import io.tidings.log.Gap;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * Reads the whole store of a shared log, at the start and after every loss, and retries until that
 * succeeds or the log is closed. Any thread; one reload at a time.
 */
final class Reload {
  private static final System.Logger LOG = System.getLogger(Reload.class.getName());

  /** How long the first load is retried. */
  static final Duration FIRST_LOAD_TIMEOUT = Duration.ofSeconds(30);

  private static final long FIRST_LOAD_PAUSE_MILLIS = 300;
  private static final long FIRST_PAUSE_MILLIS = 100;
  private static final long LONGEST_PAUSE_MILLIS = 5_000;

  private final SharedLoader loader;
  private final SharedReader reader;
  private final SerialExecutor timer;
  private final LongSupplier nanoTime;
  private final Owner log;

  /** The log that is reloaded. */
  interface Owner {
    /**
     * The store was read again.
     *
     * @param before what was known before
     * @param lastCommon the offset of the last entry that was known before and is still stored
     */
    void reloaded(SharedHistory before, SharedLoader.Loaded loaded, OptionalLong lastCommon);

    /** The store could not be read; returns whether to try again. */
    boolean reloadFailed(Throwable failure);
  }

  /**
   * @param nanoTime the clock that limits the first load, as {@link System#nanoTime}
   */
  Reload(
      SharedLoader loader,
      SharedReader reader,
      SerialExecutor timer,
      LongSupplier nanoTime,
      Owner log) {
    this.loader = loader;
    this.reader = reader;
    this.timer = timer;
    this.nanoTime = nanoTime;
    this.log = log;
  }

  /** Reads the store for the first time; fails if that does not succeed within some time. */
  Future<SharedLoader.Loaded> firstLoad() {
    return firstLoad(nanoTime.getAsLong() + FIRST_LOAD_TIMEOUT.toNanos());
  }

  private Future<SharedLoader.Loaded> firstLoad(long deadline) {
    return loader
        .load(Position.newEpoch())
        .recover(
            failure ->
                nanoTime.getAsLong() - deadline > 0
                    ? Future.failedFuture(failure)
                    : pause(FIRST_LOAD_PAUSE_MILLIS).compose(waited -> firstLoad(deadline)));
  }

  private Future<Void> pause(long millis) {
    Promise<Void> promise = Promise.promise();
    timer.after(millis, promise::complete);
    return promise.future();
  }

  /**
   * Reads the store again. The log gets a new epoch, by which clients that received lost entries
   * learn of it, unless entries were only {@linkplain Gap.Reason#REMOVED removed}.
   */
  void start(SharedHistory before, Gap.Reason why) {
    LOG.log(System.Logger.Level.WARNING, "reading the whole log again: {0}", why.word());
    long epoch = why == Gap.Reason.REMOVED ? before.epoch() : Position.newEpoch();
    load(before, epoch, FIRST_PAUSE_MILLIS);
  }

  private void load(SharedHistory before, long epoch, long pauseMillis) {
    loader
        .load(epoch)
        .compose(
            loaded ->
                lastCommon(before, epoch)
                    .<Void>map(
                        last -> {
                          log.reloaded(before, loaded, last);
                          return null;
                        }))
        .onFailure(failure -> retry(before, epoch, pauseMillis, failure));
  }

  private void retry(SharedHistory before, long epoch, long pauseMillis, Throwable failure) {
    if (!log.reloadFailed(failure)) {
      return;
    }
    LOG.log(
        pauseMillis == FIRST_PAUSE_MILLIS ? System.Logger.Level.WARNING : System.Logger.Level.DEBUG,
        "the log can't be read; retrying until it can",
        failure);
    long next = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
    timer.after(pauseMillis, () -> load(before, epoch, next));
  }

  private Future<OptionalLong> lastCommon(SharedHistory before, long epoch) {
    List<Entry> known = before.window().all();
    if (before.epoch() != epoch) {
      return reader.lastStored(known);
    }
    return Future.succeededFuture(
        known.isEmpty()
            ? OptionalLong.empty()
            : OptionalLong.of(known.get(known.size() - 1).offset()));
  }
}
