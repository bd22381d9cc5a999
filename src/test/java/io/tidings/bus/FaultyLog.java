package io.tidings.bus;

import io.tidings.event.Position;
import io.tidings.event.Publication;
import io.tidings.event.ResumeRequest;
import io.tidings.event.Selection;
import io.tidings.log.Bounds;
import io.tidings.log.Entry;
import io.tidings.log.EventLog;
import io.tidings.log.ExpiringRecords;
import io.tidings.log.LogSize;
import io.tidings.log.LogState;
import io.tidings.log.LogUnavailable;
import io.tidings.log.OutcomeUnknown;
import io.tidings.log.Page;
import io.tidings.log.Retention;
import io.tidings.log.StreamStart;
import io.tidings.log.SynchronousLog;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** A log in memory whose appends and reads fail on command. Thread-safe. */
final class FaultyLog implements EventLog {
  private final SynchronousLog log;

  /** The number of appends that are stored and fail nevertheless. */
  final AtomicInteger unknownOutcomes = new AtomicInteger();

  /** The number of reads that fail. */
  final AtomicInteger failingReads = new AtomicInteger();

  /** The publications that are refused. */
  volatile Predicate<Publication> refused = publication -> false;

  /** The number of appends, failed or not. */
  final AtomicInteger appends = new AtomicInteger();

  FaultyLog(long maxEntries) {
    log =
        new SynchronousLog(
            new Retention(0, Duration.ZERO, maxEntries),
            Duration.ofMinutes(10),
            InstantSource.system());
  }

  /** The data of all entries, in order. */
  List<String> data() {
    return log
        .after(log.bounds().begin(), Selection.EVERYTHING, 1 << 20)
        .result()
        .entries()
        .stream()
        .map(entry -> entry.event().data())
        .toList();
  }

  @Override
  public ExpiringRecords records() {
    return log.records();
  }

  @Override
  public Future<List<Entry>> append(Publication publication) {
    appends.incrementAndGet();
    if (refused.test(publication)) {
      return Future.failedFuture(new LogUnavailable("refused; nothing was stored", null));
    }
    Future<List<Entry>> appended = log.append(publication);
    return unknownOutcomes.getAndUpdate(n -> Math.max(0, n - 1)) > 0
        ? Future.failedFuture(new OutcomeUnknown("no answer", null))
        : appended;
  }

  @Override
  public Future<StreamStart> find(ResumeRequest resume, Selection selection, Selection readable) {
    return log.find(resume, selection, readable);
  }

  @Override
  public Future<Page> after(Position position, Selection selection, int maxBytes) {
    return failingReads.getAndUpdate(n -> Math.max(0, n - 1)) > 0
        ? Future.failedFuture(new LogUnavailable("can't be read", null))
        : log.after(position, selection, maxBytes);
  }

  @Override
  public void follow(Handler<List<Entry>> entries) {
    log.follow(entries);
  }

  @Override
  public Bounds bounds() {
    return log.bounds();
  }

  @Override
  public LogSize size() {
    return log.size();
  }

  @Override
  public Runnable onState(Handler<LogState> state) {
    return log.onState(state);
  }

  @Override
  public Future<Void> close() {
    return log.close();
  }
}
