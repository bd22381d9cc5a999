package io.tidings.http;

import io.netty.channel.EventLoop;
import io.vertx.core.Context;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.util.function.Supplier;

/**
 * A context of an event loop that belongs to no deployment: what is started on it goes on when the
 * verticle is undeployed whose request came first. Confined to that loop.
 */
final class EventLoopContext {
  private final ContextInternal context;

  private EventLoopContext(ContextInternal context) {
    this.context = context;
  }

  /**
   * The event loop that runs the caller.
   *
   * @throws IllegalStateException if it is none
   */
  static EventLoop current(Vertx vertx) {
    EventLoop loop = ((ContextInternal) vertx.getOrCreateContext()).nettyEventLoop();
    if (!loop.inEventLoop()) {
      throw new IllegalStateException(
          "the routes of the hub must be handled by an event loop, not by "
              + Thread.currentThread().getName()
              + ": deploy the verticle of the HTTP server with ThreadingModel.EVENT_LOOP");
    }
    return loop;
  }

  static EventLoopContext of(Vertx vertx, EventLoop loop) {
    return new EventLoopContext(
        ((VertxInternal) vertx)
            .contextBuilder()
            .withThreadingModel(ThreadingModel.EVENT_LOOP)
            .withEventLoop(loop)
            .build());
  }

  Context context() {
    return context;
  }

  /** Runs the task at once, as one of this context. */
  <T> T call(Supplier<T> task) {
    ContextInternal before = context.beginDispatch();
    try {
      return task.get();
    } finally {
      context.endDispatch(before);
    }
  }
}
