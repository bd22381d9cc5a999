package io.tidings.log.redis;

import io.tidings.event.Filter;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Position;
import io.tidings.event.Publication;
import io.tidings.event.ResumeRequest;
import io.tidings.log.Bounds;
import io.tidings.log.Entry;
import io.tidings.log.EventLog;
import io.tidings.log.Followers;
import io.tidings.log.Gap;
import io.tidings.log.LogSize;
import io.tidings.log.LogState;
import io.tidings.log.LogUnavailable;
import io.tidings.log.Page;
import io.tidings.log.Retention;
import io.tidings.log.StreamStart;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A log that several hubs share: each writes its records to one {@link RecordStore}, and each reads
 * all of them back, in the store's order, which is the log's. What an append became is known when
 * its record is read back; so all hubs decide the same about what was published twice, whichever of
 * them it came to.
 *
 * <p>The newest entries are in memory: a {@link SharedHistory}. What is older is read from the
 * store, by {@link SharedReader}. One lock guards the history, {@link PendingAppends} and {@link
 * StoreHealth}. Followers are called without it, by one thread at a time: the store's, or while
 * nothing is followed the one that has read it anew.
 *
 * <p>The log is UP while a publication would be stored and read back. Where it is not, it tries:
 * with what waits, or where nothing does with a record that says nothing.
 */
public final class SharedLog implements EventLog {
  private static final System.Logger LOG = System.getLogger(SharedLog.class.getName());
  private static final long TICK_MILLIS = 50;
  private static final long TRIAL_MILLIS = 300;
  private static final long PROBE_MILLIS = 1_000;
  private static final long FIRST_PAUSE_MILLIS = 100;
  private static final long LONGEST_PAUSE_MILLIS = 5_000;
  private static final Duration OPENING = Duration.ofSeconds(30);

  /** How many records are taken in while the lock is held. */
  private static final int RECORDS_A_HOLD = 128;

  private final RecordStore store;
  private final InstantSource clock;
  private final Duration patience;
  private final PendingAppends outgoing;
  private final StoreHealth health = new StoreHealth();
  private final SharedLoader loader;
  private final SharedReader reader;
  private final SharedReads places;
  private final Followers<List<Entry>> followers = new Followers<>();
  private final Followers<LogState> watchers = new Followers<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            var thread = new Thread(task, "tidings-log");
            thread.setDaemon(true);
            return thread;
          });

  private final EpochHistory branches = new EpochHistory();
  private SharedHistory history;
  private LogState state = LogState.UP;
  private Throwable trouble;

  /** Why the store is being read anew; empty where it is not. */
  private String reloading = "the log is being read";

  private boolean closed;

  /** When the store was last given something, or asked whether it could be. */
  private long lastTried = System.nanoTime();

  private SharedLog(RecordStore store, Settings.Log settings, InstantSource clock, long maxOpen) {
    this.store = store;
    this.clock = clock;
    this.patience = settings.patience();
    var keep = new Retention(settings.memory(), settings.keep().age(), 0);
    this.outgoing = new PendingAppends(new SecureRandom().nextLong(), store, maxOpen);
    SharedLoader.HistoryFactory histories =
        (epoch, begin, whole) -> new SharedHistory(epoch, begin, whole, keep, settings.once());
    this.history = histories.history(Position.newEpoch(), 0, true);
    this.loader = new SharedLoader(store, this::nothing, histories);
    this.reader = new SharedReader(store, this::passedOver);
    this.places = new SharedReads(this, () -> history, branches, store, reader, keep, clock);
  }

  /**
   * Opens the log that is in the store.
   *
   * @return the log, when it has read what there is; fails where the store can't be reached
   */
  public static Future<SharedLog> open(
      RecordStore store, Settings.Log settings, InstantSource clock) {
    return open(store, settings, clock, PendingAppends.MAX_OPEN_BYTES);
  }

  /**
   * @param maxOpen how many bytes of publications may wait for their answers
   */
  static Future<SharedLog> open(
      RecordStore store, Settings.Log settings, InstantSource clock, long maxOpen) {
    var log = new SharedLog(store, settings, clock, maxOpen);
    return log.firstLoad(System.nanoTime() + OPENING.toNanos())
        .<SharedLog>map(
            loaded -> {
              log.adopt(loaded, List.of());
              log.start();
              return log;
            })
        .recover(
            failure -> log.close().transform(closed -> Future.<SharedLog>failedFuture(failure)));
  }

  private void start() {
    timer.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  private Future<SharedLoader.Loaded> firstLoad(long deadline) {
    return loader
        .load(Position.newEpoch())
        .recover(
            failure ->
                System.nanoTime() - deadline > 0
                    ? Future.failedFuture(failure)
                    : after(TRIAL_MILLIS).compose(waited -> firstLoad(deadline)));
  }

  private Future<Void> after(long millis) {
    Promise<Void> promise = Promise.promise();
    try {
      timer.schedule(() -> promise.complete(), millis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      return Future.failedFuture(new LogUnavailable("the log is closed", e));
    }
    return promise.future();
  }

  /**
   * What was read is what there is, from now on.
   *
   * @param fresh of that, what followers have not been handed
   */
  private void adopt(SharedLoader.Loaded read, List<Entry> fresh) {
    var answers = new PendingAppends.Answers();
    synchronized (this) {
      history = read.history();
      outgoing.restart();
      health.restart();
      for (SharedLoader.Came came : read.own()) {
        health.readBack(came.record().number(), System.nanoTime());
        outgoing.came(came.record(), came.verdict(), came.entries(), history, answers);
      }
    }
    if (!fresh.isEmpty()) {
      followers.handle(fresh);
    }
    answers.give();
    synchronized (this) {
      reloading = "";
      tellState();
    }
    store.follow(read.history().cursor(), new Following());
    flush();
  }

  @Override
  public Future<List<Entry>> append(Publication publication) {
    if (publication.events().isEmpty()) {
      return Future.succeededFuture(List.of());
    }
    Promise<List<Entry>> promise = Promise.promise();
    synchronized (this) {
      if (closed) {
        return Future.failedFuture(new LogUnavailable("the log is closed", null));
      }
      history.window().evictExpired(clock.millis());
      try {
        outgoing.add(publication, promise, System.nanoTime() + patience.toNanos());
      } catch (InvalidEvent | LogUnavailable e) {
        return Future.failedFuture(e);
      }
    }
    flush();
    return promise.future();
  }

  /** Gives the store what waits, unless it is busy with what it was given before. */
  private void flush() {
    List<Buffer> records;
    long number;
    var answers = new PendingAppends.Answers();
    synchronized (this) {
      records =
          outgoing.busy() || !reloading.isEmpty() || closed
              ? List.of()
              : outgoing.next(history, clock.millis(), answers);
      number = began(records);
    }
    answers.give();
    add(records, number);
  }

  /**
   * The number of the last publication, where there is something that is given to the store now.
   */
  private long began(List<Buffer> records) {
    if (!records.isEmpty()) {
      lastTried = System.nanoTime();
      health.addBegins(lastTried);
    }
    return outgoing.given();
  }

  private void add(List<Buffer> records, long number) {
    if (!records.isEmpty()) {
      store.add(records).onComplete(added -> added(number, added.cause()));
    }
  }

  private void added(long number, Throwable failure) {
    var answers = new PendingAppends.Answers();
    synchronized (this) {
      if (failure == null) {
        health.addSucceeds(number, System.nanoTime());
        outgoing.stored(answers);
      } else {
        health.addFails(text(failure));
        outgoing.failed();
      }
      trouble = failure;
      tellState();
    }
    answers.give();
    if (failure == null) {
      flush();
    } // else with the next tick
  }

  private void tick() {
    try {
      var answers = new PendingAppends.Answers();
      synchronized (this) {
        outgoing.expire(System.nanoTime(), trouble, answers);
        tellState();
      }
      answers.give();
      flush();
      tryStore();
    } catch (RuntimeException e) { // or it would be the last tick
      LOG.log(System.Logger.Level.ERROR, "the log's timer failed", e);
    }
  }

  /**
   * Where nothing is appended, finds out whether something could be: while the log is UP without
   * adding anything.
   */
  private void tryStore() {
    List<Buffer> records = List.of();
    long number;
    boolean probe;
    synchronized (this) {
      if (closed || !reloading.isEmpty() || outgoing.busy() || outgoing.waiting()) {
        return;
      }
      long now = System.nanoTime();
      boolean up = state == LogState.UP;
      long every = up ? PROBE_MILLIS : TRIAL_MILLIS;
      if (now - lastTried < TimeUnit.MILLISECONDS.toNanos(every) || up && health.probing()) {
        return;
      }
      lastTried = now;
      probe = up;
      if (up) {
        health.probeBegins(now);
      } else {
        records = outgoing.trial(history.cursor().offset(), clock.millis());
      }
      number = began(records);
    }
    if (probe) {
      store.probe().onComplete(asked -> probed(asked.cause()));
    } else {
      add(records, number);
    }
  }

  private synchronized void probed(Throwable failure) {
    health.probeEnds(failure == null ? "" : text(failure));
    tellState();
  }

  private void hear(List<RecordStore.Stored> stored) {
    var fresh = new ArrayList<Entry>();
    var answers = new PendingAppends.Answers();
    for (int from = 0; from < stored.size(); from += RECORDS_A_HOLD) {
      List<RecordStore.Stored> some =
          stored.subList(from, Math.min(stored.size(), from + RECORDS_A_HOLD));
      List<Optional<SharedRecord>> records = some.stream().map(SharedLoader::decoded).toList();
      synchronized (this) {
        for (int i = 0; i < records.size(); i++) {
          take(some.get(i), records.get(i), fresh, answers);
        }
      }
    }
    synchronized (this) {
      history.forgetBefore(store.oldest());
      tellState();
    }
    if (!fresh.isEmpty()) {
      followers.handle(fresh);
    }
    answers.give();
    flush();
  }

  private void take(
      RecordStore.Stored stored,
      Optional<SharedRecord> decoded,
      List<Entry> fresh,
      PendingAppends.Answers answers) {
    if (decoded.isEmpty()) {
      history.pass(stored);
      return;
    }
    SharedRecord record = decoded.get();
    int before = fresh.size();
    SharedHistory.Verdict verdict = history.take(stored, record, fresh);
    if (outgoing.wrote(record)) {
      health.readBack(record.number(), System.nanoTime());
      outgoing.came(record, verdict, fresh.subList(before, fresh.size()), history, answers);
    }
  }

  /** The store is not what it was: it is read anew, until that succeeds or the log is closed. */
  private void reload(Gap.Reason why) {
    SharedHistory before;
    synchronized (this) {
      if (closed || !reloading.isEmpty()) {
        return;
      }
      reloading = "the store is read anew: " + why.word();
      before = history;
      tellState();
    }
    LOG.log(System.Logger.Level.WARNING, "the log is read anew: {0}", why.word());
    boolean same = why == Gap.Reason.FORGOTTEN;
    // those who have heard what is not there any more are told by the new epoch
    reload(before, same ? before.epoch() : Position.newEpoch(), FIRST_PAUSE_MILLIS);
  }

  private void reload(SharedHistory before, long epoch, long pause) {
    loader
        .load(epoch)
        .compose(read -> branched(before, read))
        .onComplete(
            done -> {
              if (done.failed()) {
                reloadLater(before, epoch, pause, done.cause());
              }
            });
  }

  private void reloadLater(SharedHistory before, long epoch, long pause, Throwable failure) {
    synchronized (this) {
      if (closed) {
        return;
      }
      trouble = failure;
    }
    LOG.log(
        pause == FIRST_PAUSE_MILLIS ? System.Logger.Level.WARNING : System.Logger.Level.DEBUG,
        "the log can't be read, and is read again until it can",
        failure);
    long next = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
    after(pause).onSuccess(waited -> reload(before, epoch, next));
  }

  /** Finds out up to where the log is the one that was known before, and goes on with it. */
  private Future<Void> branched(SharedHistory before, SharedLoader.Loaded read) {
    List<Entry> known;
    synchronized (this) {
      known = before.window().all();
    }
    if (before.epoch() == read.history().epoch()) {
      long newest = known.isEmpty() ? -1 : known.get(known.size() - 1).offset();
      adopt(read, read.freshAfter(newest, before.epoch()));
      return Future.succeededFuture();
    }
    return reader
        .lastOf(known)
        .map(
            last -> {
              synchronized (this) {
                branches.add(before.epoch(), last, read.history().epoch());
              }
              adopt(read, read.freshAfter(last.orElse(-1), before.epoch()));
              return null;
            });
  }

  private SharedRecord nothing() {
    synchronized (this) {
      return outgoing.nothing(history.cursor().offset(), clock.millis());
    }
  }

  @Override
  public Future<StreamStart> find(ResumeRequest resume, Filter what) {
    return places.find(resume, what);
  }

  @Override
  public Future<Page> after(Position position, Filter what, int maxBytes) {
    return places.after(position, what, maxBytes);
  }

  private synchronized boolean passedOver(long offset) {
    return history.passedOver(offset);
  }

  @Override
  public void follow(Handler<List<Entry>> entries) {
    followers.add(entries);
  }

  @Override
  public Bounds bounds() {
    return places.bounds();
  }

  @Override
  public synchronized LogSize size() {
    return history.window().size();
  }

  @Override
  public long behindMillis() {
    return store.behindMillis();
  }

  @Override
  public boolean owns(Position id) {
    return true;
  }

  @Override
  public synchronized void onState(Handler<LogState> handler) {
    watchers.add(handler);
    handler.handle(state);
  }

  private void tellState() {
    Optional<String> problem =
        reloading.isEmpty() ? health.problem(System.nanoTime()) : Optional.of(reloading);
    LogState now = problem.isEmpty() ? LogState.UP : LogState.READ_ONLY;
    if (now == state || closed) {
      return;
    }
    state = now;
    if (now == LogState.UP) {
      LOG.log(System.Logger.Level.INFO, "the log can be written again");
    } else {
      LOG.log(System.Logger.Level.WARNING, "the log can''t be written: {0}", problem.get());
    }
    watchers.handle(now);
  }

  private static String text(Throwable failure) {
    return failure.getMessage() == null ? failure.toString() : failure.getMessage();
  }

  @Override
  public Future<Void> close() {
    var answers = new PendingAppends.Answers();
    synchronized (this) {
      closed = true;
      var end = new LogUnavailable("the log is closed", null);
      outgoing.expire(Long.MAX_VALUE / 2 + System.nanoTime(), end, answers);
    }
    answers.give();
    timer.shutdownNow();
    return store.close();
  }

  /** What the store tells. */
  private final class Following implements RecordStore.Follower {
    @Override
    public void hear(List<RecordStore.Stored> records) {
      SharedLog.this.hear(records);
    }

    @Override
    public void lost(Gap.Reason why) {
      reload(why);
    }

    @Override
    public void reachable(boolean now) {
      unreachable(now ? "" : "the store can't be reached");
    }

    @Override
    public void unreachable(String why) {
      synchronized (SharedLog.this) {
        health.unreachable(why);
        tellState();
      }
    }

    @Override
    public Buffer nothing() {
      return SharedLog.this.nothing().encode();
    }
  }
}
