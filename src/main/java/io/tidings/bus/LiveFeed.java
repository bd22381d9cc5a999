package io.tidings.bus;

import io.tidings.log.Entry;
import io.tidings.log.EventLog;
import io.tidings.memory.DeliveryBacklog;
import io.tidings.metrics.Metrics;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.List;

/**
 * Publishes each batch of the log's entries once to every event loop, by reference, at {@link
 * Address#LIVE}.
 */
public final class LiveFeed {
  private static final DeliveryOptions LOCAL = new DeliveryOptions().setLocalOnly(true);

  private LiveFeed() {}

  /**
   * Publishes all entries of the log from now on, and counts them. At most one log feeds a Vert.x
   * instance at a time, until {@link #stop}.
   *
   * @throws IllegalStateException if another log feeds this Vert.x instance
   */
  public static void start(Vertx vertx, EventLog log, Metrics metrics, DeliveryBacklog backlog) {
    EventBus bus = vertx.eventBus();
    bus.registerDefaultCodec(EntryBatch.class, new ByReferenceCodec<>(EntryBatch.class));
    log.follow(
        list -> {
          long total = backlog.publish(EntryBatch.cost(list));
          var entries = new EntryBatch(list, System.nanoTime(), total);
          metrics.appended(list.size(), entries.bytes());
          countClock(list, metrics);
          bus.publish(Address.LIVE, entries, LOCAL);
        });
  }

  /** Allows another log to feed the Vert.x instance, after the log was closed. */
  public static void stop(Vertx vertx) {
    vertx.eventBus().unregisterDefaultCodec(EntryBatch.class);
  }

  private static void countClock(List<Entry> list, Metrics metrics) {
    for (int i = 0; i < list.size(); i++) {
      if (list.get(i).ofClock()) {
        metrics.appendedInternal(1, list.get(i).frame().size());
      }
    }
  }

  /**
   * Calls the handler with every batch, on the calling context's event loop.
   *
   * @return the consumer, when no further batch is missed
   */
  public static Future<MessageConsumer<EntryBatch>> subscribe(
      Vertx vertx, Handler<EntryBatch> entries) {
    MessageConsumer<EntryBatch> consumer = vertx.eventBus().localConsumer(Address.LIVE);
    consumer.handler(message -> entries.handle(message.body()));
    return consumer.completion().map(consumer);
  }
}
