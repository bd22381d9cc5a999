package io.tidings.bus;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;

/**
 * Brings futures to the context of the one who waits: logs complete them on any thread, and what is
 * done then belongs to an event loop.
 */
public final class ContextFutures {
  private ContextFutures() {}

  /**
   * The same future, completed on the calling context; where there is none, or it is complete
   * already, the future itself.
   */
  public static <T> Future<T> of(Future<T> future) {
    Context context = Vertx.currentContext();
    if (context == null || future.isComplete()) {
      return future;
    }
    Promise<T> promise = Promise.promise();
    future.onComplete(done -> context.runOnContext(hop -> promise.handle(done)));
    return promise.future();
  }
}
