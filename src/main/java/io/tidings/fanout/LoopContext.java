package io.tidings.fanout;

import io.tidings.memory.MemoryBudget;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.function.LongSupplier;

/**
 * What the audiences and subscribers of one event loop share. Confined to the loop, except for the
 * memory budget, which all loops share.
 *
 * @param context that of the loop
 * @param clock monotonic milliseconds
 * @param expiry ends streams when their tokens end
 * @param stallMillis how long a client may read nothing; 0 for any time
 */
record LoopContext(
    Vertx vertx,
    Context context,
    LongSupplier clock,
    LogHead head,
    DeliveryScheduler scheduler,
    PageReader pages,
    MemoryBudget memory,
    StreamMetrics metrics,
    ExpiryWheel expiry,
    long stallMillis) {
  /** The current time in monotonic milliseconds. */
  long now() {
    return clock.getAsLong();
  }

  /**
   * Cuts the connection of a stream that has ended if its client does not read the end. {@link
   * LivenessCheck} does not know such streams any more. A connection whose client has read it
   * stays, since it may have the client's next stream.
   */
  void cutIfStalled(Outlet outlet) {
    if (stallMillis > 0 && outlet.unsent() > 0) {
      long timer = vertx.setTimer(stallMillis, over -> outlet.cut(CloseReason.STALLED));
      outlet.onSent(() -> vertx.cancelTimer(timer));
    }
  }
}
