package io.tidings.log;

import io.tidings.event.Position;
import io.tidings.event.ResumeRequest;
import io.tidings.event.Selection;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.time.InstantSource;
import java.util.List;

/** The read side of an {@link EventLog} on top of a {@link LocalLog}; subclasses append. */
abstract class LocalEventLog implements EventLog {
  private final LocalLog log;
  private final InstantSource clock;

  LocalEventLog(LocalLog log, InstantSource clock) {
    this.log = log;
    this.clock = clock;
  }

  @Override
  public final Future<StreamStart> find(
      ResumeRequest resume, Selection selection, Selection readable) {
    return log.find(resume, selection, readable, clock.millis());
  }

  @Override
  public final Future<Page> after(Position position, Selection selection, int maxBytes) {
    return log.after(position, selection, maxBytes);
  }

  @Override
  public final void follow(Handler<List<Entry>> entries) {
    log.follow(entries);
  }

  @Override
  public final Bounds bounds() {
    return log.bounds();
  }

  @Override
  public final LogSize size() {
    return log.size();
  }

  @Override
  public final long memoryBytes() {
    return log.memoryBytes();
  }

  @Override
  public final boolean owns(Position id) {
    return log.owns(id);
  }
}
