package io.tidings.log.raft;

import io.tidings.event.Filter;
import io.tidings.event.Position;
import io.tidings.event.ResumeRequest;
import io.tidings.log.Gap;
import io.tidings.log.LocalLog;
import io.tidings.log.Page;
import io.tidings.log.StreamStart;
import io.vertx.core.Future;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Reads of this node's copy of the log. A client may have received from another node what this one
 * has not applied yet: then it waits until it has. Any thread.
 *
 * <p>The copy is another one whenever the engine was started again, and may end earlier then: so a
 * read uses one copy from begin to end, and after waiting the one that has caught up.
 */
final class ClusterReads {
  private final Supplier<LocalLog> local;
  private final Supplier<Future<LocalLog>> caughtUp;
  private final BooleanSupplier isolated;

  /**
   * @param local this node's copy now
   * @param caughtUp completes with a copy that has everything that was committed before the call
   * @param isolated whether no majority of the cluster was reached for long
   */
  ClusterReads(
      Supplier<LocalLog> local, Supplier<Future<LocalLog>> caughtUp, BooleanSupplier isolated) {
    this.local = local;
    this.caughtUp = caughtUp;
    this.isolated = isolated;
  }

  /**
   * As {@link RaftLog#find}. An isolated node can't catch up; it answers for a publisher's id with
   * what it has, so that the client receives all of that after a gap. A position is not answered,
   * since it is likely to be known when the node has caught up.
   *
   * @param now the time, in milliseconds since 1970
   */
  Future<StreamStart> find(ResumeRequest resume, Filter filter, Filter readable, long now) {
    return local
        .get()
        .find(resume, filter, readable, now)
        .compose(
            start ->
                !isUnknown(start) || isolated.getAsBoolean() && !isPosition(resume)
                    ? Future.succeededFuture(start)
                    : caughtUp.get().compose(log -> log.find(resume, filter, readable, now)));
  }

  private static boolean isPosition(ResumeRequest resume) {
    return resume instanceof ResumeRequest.After after && Position.parse(after.id()).isPresent();
  }

  private static boolean isUnknown(StreamStart start) {
    return start.gap().map(gap -> gap.reason() == Gap.Reason.UNKNOWN).orElse(false);
  }

  /** As {@link RaftLog#after}. */
  Future<Page> after(Position position, Filter filter, int maxBytes) {
    LocalLog log = local.get();
    boolean ahead =
        position.epoch() == log.bounds().epoch() && position.offset() > log.bounds().newest();
    return ahead
        ? caughtUp.get().compose(level -> level.after(position, filter, maxBytes))
        : log.after(position, filter, maxBytes);
  }
}
