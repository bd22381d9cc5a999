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
 */
record LoopContext(
    Vertx vertx,
    Context context,
    LongSupplier clock,
    LogHead head,
    DeliveryScheduler scheduler,
    PageReader pages,
    MemoryBudget memory,
    StreamMetrics metrics) {
  /** The current time in monotonic milliseconds. */
  long now() {
    return clock.getAsLong();
  }
}
