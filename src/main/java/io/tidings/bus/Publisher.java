package io.tidings.bus;

import io.tidings.event.Event;
import io.tidings.event.Publication;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * Publishes over the event bus, from any verticle on any node: {@link Address#PUBLISH}, with types.
 * Any thread.
 */
public final class Publisher {
  private static final long ANSWER_MILLIS = 5_000;
  private static final long PATIENCE_MILLIS = 10_000;
  private static final long AGAIN_MILLIS = 100;

  private final Vertx vertx;

  public Publisher(Vertx vertx) {
    this.vertx = vertx;
  }

  /**
   * Publishes, once: where a node does not answer, or can't take it now, asks again for some ten
   * seconds.
   *
   * @return the entry's id, when the log has it; fails with a {@link ReplyException} whose code is
   *     400 where the event breaks a rule and 503 where the log can't take it now
   */
  public Future<String> publish(Event event) {
    var body =
        new JsonObject().put("topic", new JsonArray(event.topics())).put("data", event.data());
    if (!event.type().isEmpty()) {
      body.put("type", event.type());
    }
    if (!event.id().isEmpty()) {
      body.put("id", event.id());
    }
    if (event.retry() != Event.NO_RETRY) {
      body.put("retry", event.retry());
    }
    var options =
        new DeliveryOptions()
            .setSendTimeout(ANSWER_MILLIS)
            .addHeader(Publication.KEY, UUID.randomUUID().toString());
    return request(
        body, options, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS));
  }

  /** Asks again, of another node perhaps; by its key it is taken once. */
  private Future<String> request(JsonObject body, DeliveryOptions options, long until) {
    return vertx
        .eventBus()
        .<String>request(Address.PUBLISH, body, options)
        .map(Message::body)
        .recover(
            failure ->
                isFinal(failure) || System.nanoTime() - until > 0
                    ? Future.failedFuture(failure)
                    : vertx
                        .timer(AGAIN_MILLIS, TimeUnit.MILLISECONDS)
                        .compose(again -> request(body, options, until)));
  }

  /** Whether another node, or the same one later, would say the same. */
  private static boolean isFinal(Throwable failure) {
    return failure instanceof ReplyException reply
        && reply.failureType() == ReplyFailure.RECIPIENT_FAILURE
        && reply.failureCode() != Intake.NOT_NOW;
  }
}
