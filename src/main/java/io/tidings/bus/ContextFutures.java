package io.tidings.bus;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;

/**
 * Moves the completion of futures to the caller's context: logs complete futures on any thread, but
 * the handlers' state belongs to an event loop.
 */
public final class ContextFutures {
  private ContextFutures() {}

  /**
   * A future that completes on the calling context; the given one if there is no such context, or
   * if it is complete already.
   */
  public static <T> Future<T> of(Future<T> future) {
    Context context = Vertx.currentContext();
    if (context == null || future.isComplete()) {
      return future;
    }
    return later(future, context);
  }

  /** A future that completes in a task of the context, also if the given one is complete. */
  static <T> Future<T> later(Future<T> future, Context context) {
    Promise<T> promise = Promise.promise();
    future.onComplete(result -> context.runOnContext(hop -> promise.handle(result)));
    return promise.future();
  }
}
