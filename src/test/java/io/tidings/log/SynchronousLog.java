package io.tidings.log;

import io.tidings.event.CautiousClock;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Position;
import io.tidings.event.Publication;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/** A log in memory that appends, and calls followers, on the calling thread. */
public final class SynchronousLog extends LocalEventLog {
  private final LocalLog log;
  private final CommitGroup group;
  private final InstantSource clock;
  private final LocalRecords records;

  public SynchronousLog(Retention retention, Duration once, InstantSource clock) {
    this(LocalLog.inMemory(Position.newEpoch(), retention), once, clock);
  }

  private SynchronousLog(LocalLog log, Duration once, InstantSource clock) {
    super(log, clock);
    this.log = log;
    this.group = new CommitGroup(log, new DedupIndex<>(log, once));
    this.clock = clock;
    this.records = LocalRecords.inMemory(CautiousClock.of(clock));
  }

  @Override
  public synchronized Future<List<Entry>> append(Publication publication) {
    try {
      group.begin(clock.millis());
      List<Entry> entries = group.add(publication);
      if (!group.records().isEmpty()) {
        log.append(group.records());
      }
      return Future.succeededFuture(entries);
    } catch (InvalidEvent e) {
      return Future.failedFuture(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public ExpiringRecords records() {
    return records;
  }

  @Override
  public Runnable onState(Handler<LogState> state) {
    state.handle(LogState.UP);
    return () -> {};
  }

  @Override
  public Future<Void> close() {
    return Future.succeededFuture();
  }
}
