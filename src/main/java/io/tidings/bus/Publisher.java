package io.tidings.bus;

import io.tidings.event.Event;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/**
 * Publishes over the event bus, from any verticle on any node: {@link Address#PUBLISH}, with types.
 * Any thread.
 */
public final class Publisher {
  private final Vertx vertx;

  public Publisher(Vertx vertx) {
    this.vertx = vertx;
  }

  /**
   * @return the entry's id, when the log has it; fails with a {@link
   *     io.vertx.core.eventbus.ReplyException} whose code is 400 where the event breaks a rule and
   *     503 where the log can't take it now
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
    return vertx.eventBus().<String>request(Address.PUBLISH, body).map(Message::body);
  }
}
