package io.tidings.bus;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;

/**
 * Registers consumers on the event bus, with retries: in a cluster the registration is propagated
 * to other nodes, and fails if one of them stops meanwhile.
 */
public final class ConsumerRegistration {
  private static final long PAUSE_MILLIS = 250;
  private static final int MAX_ATTEMPTS = 60;

  private ConsumerRegistration() {}

  /**
   * Registers a consumer.
   *
   * @return the consumer, when the registration has reached all nodes; fails if that does not
   *     succeed within 15 seconds
   */
  public static <T> Future<MessageConsumer<T>> of(
      Vertx vertx, String address, Handler<Message<T>> handler) {
    return register(vertx, address, handler, MAX_ATTEMPTS);
  }

  private static <T> Future<MessageConsumer<T>> register(
      Vertx vertx, String address, Handler<Message<T>> handler, int attempts) {
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
                        unregistered ->
                            attempts == 1
                                ? Future.failedFuture(failure)
                                : pause(vertx)
                                    .compose(
                                        passed ->
                                            register(vertx, address, handler, attempts - 1))));
  }

  private static Future<Void> pause(Vertx vertx) {
    Promise<Void> passed = Promise.promise();
    vertx.setTimer(PAUSE_MILLIS, timer -> passed.complete());
    return passed.future();
  }
}
