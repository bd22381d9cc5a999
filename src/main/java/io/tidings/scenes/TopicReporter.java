package io.tidings.scenes;

import io.tidings.bus.Publisher;
import io.tidings.event.Event;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** Says one thing after the other on a topic. Confined to its verticle's event loop. */
final class TopicReporter {
  private final Publisher publisher;
  private final String topic;
  private Future<?> last = Future.succeededFuture();

  TopicReporter(Publisher publisher, String topic) {
    this.publisher = publisher;
    this.topic = topic;
  }

  /** Whether all that was said is published, or could not be. */
  boolean quiet() {
    return last.isComplete();
  }

  /**
   * @return when the log has it, and all that was said before; fails where the log can't take it
   *     for some seconds
   */
  Future<?> say(String type, String data) {
    var event = new Event(List.of(topic), type, "", Event.NO_RETRY, data);
    last = last.transform(before -> publisher.publish(event));
    return last;
  }

  Future<?> say(String type, JsonObject data) {
    return say(type, data.encode());
  }
}
