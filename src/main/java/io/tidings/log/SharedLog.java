package io.tidings.log;

import io.tidings.event.InvalidEvent;
import io.tidings.event.Position;
import io.tidings.event.Publication;
import io.tidings.event.Resume;
import io.tidings.event.Selection;
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
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A log that several hubs share: each writes its records to one {@link RecordStore}, and each reads
 * all of them back, in the store's order, which is the log's. What an append became is known when
 * its record is read back; so all hubs decide the same about what was published twice, whichever of
 * them it came to.
 *
 * <p>The newest entries are in memory: a {@link SharedHistory}. What is older is read from the
 * store, by {@link SharedReader}. One lock guards both, and {@link Outgoing}; followers are called
 * under it, so they must be quick.
 */
public final class SharedLog implements EventLog {
  private static final System.Logger LOG = System.getLogger(SharedLog.class.getName());
  private static final long RETRY_MILLIS = 50;
  private static final int RECORDS_A_READ = 1_000;
  private static final Duration OPENING = Duration.ofSeconds(30);

  private final RecordStore store;
  private final InstantSource clock;
  private final Duration once;
  private final Duration patience;
  private final Retention keep;
  private final Outgoing outgoing;
  private final SharedReader reader;
  private final SharedPlaces places;
  private final List<Handler<List<Entry>>> followers = new ArrayList<>();
  private final List<Handler<LogState>> watchers = new ArrayList<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            var thread = new Thread(task, "tidings-log");
            thread.setDaemon(true);
            return thread;
          });

  private final Branches branches = new Branches();
  private SharedHistory history;
  private LogState state = LogState.UP;
  private Throwable trouble;
  private boolean reloading = true;
  private boolean closed;

  private SharedLog(RecordStore store, Settings.Log settings, InstantSource clock) {
    this.store = store;
    this.clock = clock;
    this.once = settings.once();
    this.patience = settings.patience();
    this.keep = new Retention(settings.memory(), settings.keep().age(), 0);
    long writer = new SecureRandom().nextLong();
    this.outgoing = new Outgoing(writer, store);
    this.history = history(Position.newEpoch(), 0, true);
    this.reader = new SharedReader(store, this::passedOver);
    this.places = new SharedPlaces(this, () -> history, branches, store, reader, keep, clock);
    long tick = RETRY_MILLIS;
    timer.scheduleWithFixedDelay(this::tick, tick, tick, TimeUnit.MILLISECONDS);
  }

  /**
   * Opens the log that is in the store.
   *
   * @return the log, when it has read what there is; fails where the store can't be reached
   */
  public static Future<SharedLog> open(
      RecordStore store, Settings.Log settings, InstantSource clock) {
    var log = new SharedLog(store, settings, clock);
    return log.load(Position.newEpoch(), System.nanoTime() + OPENING.toNanos())
        .<SharedLog>map(
            loaded -> {
              log.adopt(loaded, false);
              return log;
            })
        .recover(
            failure -> log.close().transform(closed -> Future.<SharedLog>failedFuture(failure)));
  }

  private SharedHistory history(long epoch, long begin, boolean whole) {
    return new SharedHistory(epoch, begin, whole, keep, once);
  }

  /** Reads all that there is, up to a record of this hub's own, after which all is known. */
  private Future<Loaded> load(long epoch, long deadline) {
    SharedRecord own;
    synchronized (this) {
      own = outgoing.nothing(0, clock.millis());
    }
    return store
        .add(List.of(own.encode()))
        .compose(added -> read(0, own, epoch, null))
        .recover(
            failure ->
                closed || System.nanoTime() - deadline > 0
                    ? Future.failedFuture(failure)
                    : later().compose(waited -> load(epoch, deadline)));
  }

  private Future<Void> later() {
    Promise<Void> promise = Promise.promise();
    timer.schedule(() -> promise.tryComplete(), 5 * RETRY_MILLIS, TimeUnit.MILLISECONDS);
    return promise.future();
  }

  private Future<Loaded> read(long from, SharedRecord own, long epoch, Loaded before) {
    return store
        .read(from, RECORDS_A_READ)
        .compose(
            slice -> {
              if (slice.records().isEmpty()) {
                return Future.failedFuture(new LogUnavailable("the log lost what it took", null));
              }
              long first = slice.records().get(0).offset();
              Loaded loaded =
                  before != null && slice.whole()
                      ? before
                      : new Loaded(history(epoch, first - 1, slice.whole()), new ArrayList<>());
              boolean found = false;
              for (RecordStore.Stored stored : slice.records()) {
                found |= loaded.take(stored, own);
              }
              long next = loaded.history.cursor().offset() + store.eventsPerRecord();
              return found ? Future.succeededFuture(loaded) : read(next, own, epoch, loaded);
            });
  }

  /**
   * What was read from the store at once.
   *
   * @param own what became of records that this hub wrote
   */
  private record Loaded(SharedHistory history, List<Came> own) {
    /** Whether that was the record up to which is read. */
    boolean take(RecordStore.Stored stored, SharedRecord last) {
      SharedRecord record = decoded(stored);
      if (record == null) {
        history.pass(stored);
        return false;
      }
      var entries = new ArrayList<Entry>();
      SharedHistory.Verdict verdict = history.take(stored, record, entries);
      if (record.writer() == last.writer()) {
        own.add(new Came(record, verdict, entries));
      }
      boolean found = record.identity().equals(last.identity());
      if (found) {
        history.beginAt(stored, record);
      }
      return found;
    }
  }

  /** A record was read, and this became of it. */
  private record Came(SharedRecord record, SharedHistory.Verdict verdict, List<Entry> entries) {}

  /** What was read is what there is, from now on. */
  private void adopt(Loaded read, boolean tell) {
    var answers = new Outgoing.Answers();
    synchronized (this) {
      history = read.history;
      reloading = false;
      List<Entry> all = tell ? history.window().all() : List.of();
      if (!all.isEmpty()) {
        followers.forEach(follower -> follower.handle(all));
      }
      read.own.forEach(
          came -> outgoing.came(came.record, came.verdict, came.entries, history, answers));
      state(LogState.UP);
    }
    answers.give();
    store.follow(read.history.cursor(), new Following());
    flush();
  }

  private static SharedRecord decoded(RecordStore.Stored stored) {
    try {
      return SharedRecord.decode(stored.bytes());
    } catch (IllegalArgumentException e) {
      LOG.log(
          System.Logger.Level.WARNING, "a record of the log is passed over: " + e.getMessage(), e);
      return null;
    }
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
      history.window().forgetAged(clock.millis());
      try {
        outgoing.add(publication, promise, System.nanoTime() + patience.toNanos());
      } catch (InvalidEvent e) {
        return Future.failedFuture(e);
      }
    }
    flush();
    return promise.future();
  }

  /** Gives the store what waits, unless it is busy with what it was given before. */
  private void flush() {
    List<Buffer> records;
    var answers = new Outgoing.Answers();
    synchronized (this) {
      records =
          outgoing.busy() || reloading || closed
              ? List.of()
              : outgoing.next(history, clock.millis(), answers);
    }
    answers.give();
    if (!records.isEmpty()) {
      store.add(records).onComplete(added -> added(added.succeeded(), added.cause()));
    }
  }

  private void added(boolean stored, Throwable cause) {
    var answers = new Outgoing.Answers();
    synchronized (this) {
      if (stored) {
        outgoing.stored(answers);
      } else {
        trouble = cause;
        outgoing.failed();
      }
    }
    answers.give();
    if (stored) {
      flush();
    } // else with the next tick
  }

  private void tick() {
    var answers = new Outgoing.Answers();
    synchronized (this) {
      outgoing.expire(System.nanoTime(), trouble, answers);
    }
    answers.give();
    flush();
  }

  private void hear(List<RecordStore.Stored> stored) {
    var records = new ArrayList<SharedRecord>(stored.size());
    stored.forEach(one -> records.add(decoded(one)));
    var answers = new Outgoing.Answers();
    synchronized (this) {
      var fresh = new ArrayList<Entry>();
      for (int i = 0; i < records.size(); i++) {
        SharedRecord record = records.get(i);
        if (record == null) {
          history.pass(stored.get(i));
          continue;
        }
        int before = fresh.size();
        SharedHistory.Verdict verdict = history.take(stored.get(i), record, fresh);
        List<Entry> entries = fresh.subList(before, fresh.size());
        outgoing.came(record, verdict, entries, history, answers);
      }
      history.forgetBefore(store.oldest());
      if (!fresh.isEmpty()) {
        followers.forEach(follower -> follower.handle(fresh));
      }
    }
    answers.give();
    flush();
  }

  private void reload(Gap.Reason why) {
    boolean same = why == Gap.Reason.FORGOTTEN;
    SharedHistory before;
    synchronized (this) {
      if (closed || reloading) {
        return;
      }
      reloading = true;
      before = history;
      state(LogState.READ_ONLY);
    }
    LOG.log(System.Logger.Level.WARNING, "the log is read anew: {0}", why.word());
    // those who have heard what is not there any more are told by the new epoch
    load(same ? before.epoch() : Position.newEpoch(), System.nanoTime() + Long.MAX_VALUE / 2)
        .compose(read -> same ? Future.succeededFuture(read) : branched(before, read))
        .onSuccess(read -> adopt(read, true))
        .onFailure(failure -> LOG.log(System.Logger.Level.ERROR, "the log can't be read", failure));
  }

  /** Finds out up to where the log is the one that was known before. */
  private Future<Loaded> branched(SharedHistory before, Loaded read) {
    List<Entry> known;
    synchronized (this) {
      known = before.window().all();
    }
    return reader
        .lastOf(known)
        .map(
            last -> {
              synchronized (this) {
                branches.add(before.epoch(), last, read.history.epoch());
              }
              return read;
            });
  }

  @Override
  public Future<Start> find(Resume resume, Selection what) {
    return places.find(resume, what);
  }

  @Override
  public Future<Page> after(Position position, Selection what, int maxBytes) {
    return places.after(position, what, maxBytes);
  }

  private synchronized boolean passedOver(long offset) {
    return history.passedOver(offset);
  }

  @Override
  public synchronized void follow(Handler<List<Entry>> entries) {
    followers.add(entries);
  }

  @Override
  public Bounds bounds() {
    return places.bounds();
  }

  @Override
  public synchronized Holding holding() {
    return history.window().holding();
  }

  @Override
  public long behindMillis() {
    return store.behindMillis();
  }

  @Override
  public boolean makes(Position id) {
    return true;
  }

  @Override
  public synchronized void onState(Handler<LogState> handler) {
    watchers.add(handler);
    handler.handle(state);
  }

  private void state(LogState now) {
    if (now != state) {
      state = now;
      if (now == LogState.UP) {
        LOG.log(System.Logger.Level.INFO, "the log is there");
      } else {
        LOG.log(System.Logger.Level.WARNING, "the log can''t be reached{0}", why());
      }
      watchers.forEach(watcher -> watcher.handle(now));
    }
  }

  private String why() {
    return trouble == null ? "" : ": " + trouble.getMessage();
  }

  @Override
  public Future<Void> close() {
    var answers = new Outgoing.Answers();
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
      synchronized (SharedLog.this) {
        state(now && !reloading ? LogState.UP : LogState.READ_ONLY);
      }
    }

    @Override
    public Buffer nothing() {
      synchronized (SharedLog.this) {
        return outgoing.nothing(history.cursor().offset(), clock.millis()).encode();
      }
    }
  }
}
