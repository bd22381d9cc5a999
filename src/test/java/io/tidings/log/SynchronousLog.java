package io.tidings.log;

import io.tidings.event.Filter;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Position;
import io.tidings.event.Publication;
import io.tidings.event.ResumeRequest;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/** A log in memory that appends on the calling thread, for tests that own the order of things. */
public final class SynchronousLog implements EventLog {
  private final LocalLog log;
  private final CommitGroup group;
  private final InstantSource clock;

  public SynchronousLog(Retention keep, Duration once, InstantSource clock) {
    this.log = LocalLog.inMemory(Position.newEpoch(), keep);
    this.group = new CommitGroup(log, new DedupIndex<>(log, once));
    this.clock = clock;
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
  public Future<StreamStart> find(ResumeRequest resume, Filter what) {
    return log.find(resume, what, clock.millis());
  }

  @Override
  public Future<Page> after(Position position, Filter what, int maxBytes) {
    return log.after(position, what, maxBytes);
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
  public void onState(Handler<LogState> state) {
    state.handle(LogState.UP);
  }

  @Override
  public Future<Void> close() {
    return Future.succeededFuture();
  }
}
