package io.tidings;

import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;

/**
 * Reports event loops whose threads have ended by an error. Netty ends a loop whose handler throws
 * an error; its connections stay open then, and nobody serves them. Any thread.
 */
final class EventLoopMonitor {
  private static final System.Logger LOG = System.getLogger(EventLoopMonitor.class.getName());

  private EventLoopMonitor() {}

  /**
   * Watches the event loops of a Vert.x, and those that accept connections.
   *
   * @param ended is called for each that has ended, by any thread
   */
  static void watch(Vertx vertx, Runnable ended) {
    if (vertx instanceof VertxInternal groups) { // a wrapped one does not tell its loops
      groups.nettyEventLoopGroup().forEach(loop -> watch(loop, ended));
      groups.acceptorEventLoopGroup().forEach(loop -> watch(loop, ended));
    }
  }

  private static void watch(EventExecutor loop, Runnable ended) {
    loop.terminationFuture()
        .addListener(
            end -> {
              if (!end.isSuccess()) {
                LOG.log(
                    System.Logger.Level.ERROR,
                    "an event loop has ended by an error: its streams receive nothing any more,"
                        + " the hub must be restarted",
                    end.cause());
                ended.run();
              }
            });
  }
}
