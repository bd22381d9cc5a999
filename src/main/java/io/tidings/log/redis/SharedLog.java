package io.tidings.log.redis;

import io.tidings.event.InvalidEvent;
import io.tidings.event.Position;
import io.tidings.event.Publication;
import io.tidings.event.ResumeRequest;
import io.tidings.event.Selection;
import io.tidings.log.Bounds;
import io.tidings.log.Entry;
import io.tidings.log.EventLog;
import io.tidings.log.ExpiringRecords;
import io.tidings.log.Followers;
import io.tidings.log.Gap;
import io.tidings.log.LogSize;
import io.tidings.log.LogState;
import io.tidings.log.LogUnavailable;
import io.tidings.log.Page;
import io.tidings.log.Retention;
import io.tidings.log.StreamStart;
import io.tidings.settings.LogSettings;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * A log that several hubs share: each hub writes its records to one {@link RecordStore} and reads
 * all records back in the store's order, which is the order of the log. The outcome of an append is
 * known when its record is read back; so all hubs agree on which publication is a duplicate,
 * whichever hub received it.
 *
 * <p>The newest entries are in memory: a {@link SharedHistory}. Older ones are read from the store
 * by {@link SharedReader}. One lock, this object, guards the history, {@link PendingAppends} and
 * {@link StoreHealth}. Followers are called without it, by one thread at a time: the store's, or
 * during a reload, when the store delivers nothing, the thread that has read it.
 *
 * <p>The log is UP while a publication would be stored and read back; {@link StoreWriter} keeps
 * checking that.
 *
 * <p>It stays above 300 lines because everything that changes under the lock by what the store
 * delivers is here, next to the methods of {@link EventLog}.
 */
public final class SharedLog implements EventLog {
  private static final System.Logger LOG = System.getLogger(SharedLog.class.getName());
  private static final long TICK_MILLIS = 50;

  /** How many records are applied while the lock is held. */
  private static final int RECORDS_PER_LOCK = 128;

  private final RecordStore store;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final Duration patience;
  private final PendingAppends pending;
  private final StoreHealth health = new StoreHealth();
  private final StoreWriter writer;
  private final SharedReads reads;
  private final Reload reload;
  private final EpochHistory epochs = new EpochHistory();
  private final Followers<List<Entry>> followers = new Followers<>();
  private final Followers<LogState> watchers = new Followers<>();
  private final SerialExecutor timer = new SerialExecutor("tidings-log");

  private final SharedRecords records;
  private SharedHistory history;
  private LogState state = LogState.UP;
  private boolean closed;

  private SharedLog(
      RecordStore store,
      LogSettings settings,
      InstantSource clock,
      LongSupplier nanoTime,
      long maxOpen) {
    this.store = store;
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.records = new SharedRecords(store.records(), this::problem);
    this.patience = settings.patience();
    health.loading("the log is being read");
    var retention = new Retention(settings.memory(), settings.keep().age(), 0);
    SharedLoader.HistoryFactory histories =
        (epoch, begin, whole) -> new SharedHistory(epoch, begin, whole, retention, settings.once());
    this.history = histories.history(Position.newEpoch(), 0, true);
    this.pending = new PendingAppends(new SecureRandom().nextLong(), store, maxOpen);
    this.writer = new StoreWriter(this, store, pending, clock, nanoTime, new Writing());
    var reader = new SharedReader(store, this::skipped);
    this.reads = new SharedReads(this, () -> history, epochs, store, reader, retention, clock);
    var loader = new SharedLoader(store, this::emptyRecord, histories);
    this.reload = new Reload(loader, reader, timer, nanoTime, new Reloading());
  }

  /**
   * Opens the log that is in the store.
   *
   * @return the log, when it has read the store; fails if the store can't be reached
   */
  public static Future<SharedLog> open(
      RecordStore store, LogSettings settings, InstantSource clock) {
    return open(store, settings, clock, System::nanoTime, PendingAppends.MAX_OPEN_BYTES);
  }

  /**
   * @param clock the time of the records, by which entries expire
   * @param nanoTime the clock for deadlines and intervals, as {@link System#nanoTime}
   * @param maxOpen the most bytes of publications that may wait for their answers
   */
  static Future<SharedLog> open(
      RecordStore store,
      LogSettings settings,
      InstantSource clock,
      LongSupplier nanoTime,
      long maxOpen) {
    var log = new SharedLog(store, settings, clock, nanoTime, maxOpen);
    return log.reload
        .firstLoad()
        .<SharedLog>map(
            loaded -> {
              log.adopt(loaded, List.of());
              log.timer.every(TICK_MILLIS, log.writer::tick);
              return log;
            })
        .recover(
            failure -> log.close().transform(closed -> Future.<SharedLog>failedFuture(failure)));
  }

  /**
   * Continues with the history that was read from the store.
   *
   * @param added its entries that followers have not received
   */
  private void adopt(SharedLoader.Loaded loaded, List<Entry> added) {
    var answers = new Answers();
    synchronized (this) {
      history = loaded.history();
      pending.reloaded();
      health.reloaded();
      for (SharedLoader.ReadBack own : loaded.own()) {
        health.readBack(own.record().number(), nanoTime.getAsLong());
        pending.readBack(own.record(), own.verdict(), own.entries(), history, answers);
      }
    }
    if (!added.isEmpty()) {
      followers.handle(added);
    }
    answers.deliver();
    synchronized (this) {
      health.loaded();
      updateState();
    }
    store.follow(loaded.history().cursor(), new Following());
    writer.flush();
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
        pending.add(publication, promise, nanoTime.getAsLong() + patience.toNanos());
      } catch (InvalidEvent | LogUnavailable e) {
        return Future.failedFuture(e);
      }
    }
    writer.flush();
    return promise.future();
  }

  /** Applies the records that the store delivers. */
  private void receive(List<RecordStore.Stored> stored) {
    var added = new ArrayList<Entry>();
    var answers = new Answers();
    for (int from = 0; from < stored.size(); from += RECORDS_PER_LOCK) {
      List<RecordStore.Stored> some =
          stored.subList(from, Math.min(stored.size(), from + RECORDS_PER_LOCK));
      List<Optional<SharedRecord>> records = some.stream().map(SharedLoader::decode).toList();
      synchronized (this) {
        for (int i = 0; i < records.size(); i++) {
          apply(some.get(i), records.get(i), added, answers);
        }
      }
    }
    synchronized (this) {
      history.evictBefore(store.oldest());
      updateState();
    }
    if (!added.isEmpty()) {
      followers.handle(added);
    }
    answers.deliver();
    writer.flush();
  }

  private void apply(
      RecordStore.Stored stored,
      Optional<SharedRecord> decoded,
      List<Entry> added,
      Answers answers) {
    if (decoded.isEmpty()) {
      history.skip(stored);
      return;
    }
    SharedRecord record = decoded.get();
    int before = added.size();
    SharedHistory.Verdict verdict = history.apply(stored, record, added);
    if (pending.wrote(record)) {
      health.readBack(record.number(), nanoTime.getAsLong());
      pending.readBack(record, verdict, added.subList(before, added.size()), history, answers);
    }
  }

  private SharedRecord emptyRecord() {
    synchronized (this) {
      return pending.emptyRecord(history.cursor().offset(), clock.millis());
    }
  }

  private synchronized boolean skipped(long offset) {
    return history.skipped(offset);
  }

  @Override
  public Future<StreamStart> find(ResumeRequest resume, Selection selection, Selection readable) {
    return reads.find(resume, selection, readable);
  }

  @Override
  public Future<Page> after(Position position, Selection selection, int maxBytes) {
    return reads.after(position, selection, maxBytes);
  }

  @Override
  public void follow(Handler<List<Entry>> entries) {
    followers.add(entries);
  }

  @Override
  public Bounds bounds() {
    return reads.bounds();
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
  public ExpiringRecords records() {
    return records;
  }

  @Override
  public synchronized Runnable onState(Handler<LogState> handler) {
    watchers.add(handler);
    handler.handle(state);
    return () -> watchers.remove(handler);
  }

  /** Why nothing can be written; empty if it can. */
  private synchronized Optional<String> problem() {
    return closed ? Optional.of("it is closed") : health.problem(nanoTime.getAsLong());
  }

  /** Derives the state from the health, and reports a change. With the lock. */
  private void updateState() {
    Optional<String> problem = health.problem(nanoTime.getAsLong());
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

  @Override
  public Future<Void> close() {
    synchronized (this) {
      closed = true;
    }
    writer.close(new LogUnavailable("the log is closed", null));
    timer.end();
    return store.close();
  }

  /** Receives what the store delivers. */
  private final class Following implements RecordStore.Follower {
    @Override
    public void receive(List<RecordStore.Stored> records) {
      SharedLog.this.receive(records);
    }

    @Override
    public void lost(Gap.Reason why) {
      SharedHistory before;
      synchronized (SharedLog.this) {
        if (closed || health.isLoading()) {
          return;
        }
        health.loading("the whole log is being read again: " + why.word());
        before = history;
        updateState();
      }
      reload.start(before, why);
    }

    @Override
    public void reachable() {
      unreachable("");
    }

    @Override
    public void unreachable(String why) {
      synchronized (SharedLog.this) {
        health.unreachable(why);
        updateState();
      }
    }
  }

  private final class Writing implements StoreWriter.Owner {
    @Override
    public SharedHistory history() {
      return history;
    }

    @Override
    public StoreHealth health() {
      return health;
    }

    @Override
    public void healthChanged() {
      updateState();
    }
  }

  private final class Reloading implements Reload.Owner {
    @Override
    public void reloaded(
        SharedHistory before, SharedLoader.Loaded loaded, OptionalLong lastCommon) {
      if (before.epoch() != loaded.history().epoch()) {
        synchronized (SharedLog.this) {
          epochs.add(before.epoch(), lastCommon, loaded.history().epoch());
        }
      }
      adopt(loaded, loaded.entriesAfter(lastCommon.orElse(-1), before.epoch()));
    }

    @Override
    public boolean reloadFailed(Throwable failure) {
      writer.loadFailed(failure);
      synchronized (SharedLog.this) {
        return !closed;
      }
    }
  }
}
