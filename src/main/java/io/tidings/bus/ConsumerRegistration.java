package io.tidings.bus;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;

/**
 * How one comes to hear an address of the event bus. In a cluster that is told to other nodes, and
 * fails when one of them ends in that moment; then it is told again.
 */
public final class ConsumerRegistration {
  private static final long PAUSE_MILLIS = 250;
  private static final int MAX_TRIES = 60;

  private ConsumerRegistration() {}

  /**
   * Hears the address from now on.
   *
   * @return the consumer, to unregister, when all nodes send to it; fails where the cluster does
   *     not take it for 15 seconds
   */
  public static <T> Future<MessageConsumer<T>> of(
      Vertx vertx, String address, Handler<Message<T>> handler) {
    return tried(vertx, address, handler, MAX_TRIES);
  }

  private static <T> Future<MessageConsumer<T>> tried(
      Vertx vertx, String address, Handler<Message<T>> handler, int tries) {
    MessageConsumer<T> consumer = vertx.eventBus().consumer(address);
    consumer.handler(handler);
    return consumer
        .completion()
        .map(consumer)
        .recover(
            failure ->
                consumer
                    .unregister()
                    .transform(
                        gone ->
                            tries == 1
                                ? Future.failedFuture(failure)
                                : pause(vertx)
                                    .compose(passed -> tried(vertx, address, handler, tries - 1))));
  }

  private static Future<Void> pause(Vertx vertx) {
    Promise<Void> passed = Promise.promise();
    vertx.setTimer(PAUSE_MILLIS, timer -> passed.complete());
    return passed.future();
  }
}
