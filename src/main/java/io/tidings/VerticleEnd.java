package io.tidings;

import io.vertx.core.Closeable;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.internal.ContextInternal;
import java.util.function.Supplier;

/** Ends something with the verticle that began it, if one did. Any thread. */
final class VerticleEnd {
  private final ContextInternal context;
  private final Closeable hook;

  private VerticleEnd(ContextInternal context, Closeable hook) {
    this.context = context;
    this.hook = hook;
  }

  /**
   * Has the action called when the verticle of a context is undeployed, which waits for it.
   *
   * @param context that of the verticle; of none: nothing happens
   */
  static VerticleEnd call(Context context, Supplier<Future<Void>> action) {
    var end = new VerticleEnd((ContextInternal) context, done -> action.get().onComplete(done));
    if (end.context.isDeployment()) {
      end.context.addCloseHook(end.hook);
    }
    return end;
  }

  /** Calls the action no more. */
  void cancel() {
    if (context.isDeployment()) {
      context.removeCloseHook(hook);
    }
  }
}
