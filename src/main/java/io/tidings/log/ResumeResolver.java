package io.tidings.log;

import io.tidings.event.Position;
import io.tidings.event.ResumeRequest;
import io.tidings.event.Selection;
import io.vertx.core.Future;
import java.util.Optional;

/** Finds where a stream begins in a log, and the gap before it if there is one. Thread-safe. */
public final class ResumeResolver {
  private final ResumeLookups lookups;

  public ResumeResolver(ResumeLookups lookups) {
    this.lookups = lookups;
  }

  /**
   * As {@link EventLog#find}.
   *
   * @param now the time, in milliseconds since 1970
   */
  public Future<StreamStart> find(
      ResumeRequest resume, Selection selection, Selection readable, long now) {
    if (resume instanceof ResumeRequest.Live) {
      return Future.succeededFuture(StreamStart.after(lookups.bounds().head()));
    } else if (resume instanceof ResumeRequest.Earliest) {
      return Future.succeededFuture(StreamStart.after(lookups.bounds().begin()));
    } else if (resume instanceof ResumeRequest.Latest) {
      return start(lookups.beforeNewest(selection), null, readable);
    } else if (resume instanceof ResumeRequest.Since since) {
      return start(lookups.since(now - since.age().toMillis()), null, readable);
    }
    String id = ((ResumeRequest.After) resume).id();
    return start(after(id, selection, readable), id, readable);
  }

  /** Resolves an id: a position of the log, or else a publisher's id. */
  private Future<ResumePoint> after(String id, Selection selection, Selection readable) {
    Optional<Position> position = Position.parse(id);
    if (position.filter(lookups::owns).isPresent()) {
      return lookups.check(position.get());
    }
    Gap.Reason reason = position.isPresent() ? Gap.Reason.EPOCH : Gap.Reason.UNKNOWN;
    return lookups
        .offsetOf(id, selection, readable)
        .map(
            offset ->
                offset.isPresent()
                    ? ResumePoint.at(lookups.bounds().head().at(offset.getAsLong()))
                    : ResumePoint.oldest(reason));
  }

  /** Adds the id of the entry with which the stream continues after a gap. */
  private Future<StreamStart> start(
      Future<ResumePoint> found, String requested, Selection readable) {
    return found.compose(
        point -> {
          Bounds bounds = lookups.bounds();
          StreamStart start = point.start(requested, bounds);
          if (start.gap().isEmpty() || start.after().offset() >= bounds.newest()) {
            return Future.succeededFuture(start);
          }
          return lookups.idAfter(start.after(), readable).map(start::resumingAt);
        });
  }
}
