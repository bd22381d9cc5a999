package io.tidings.scenes;

import io.tidings.bus.Publisher;
import io.tidings.event.Event;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** Publishes events to one topic in order. Confined to its verticle's event loop. */
final class TopicReporter {
  private final Publisher publisher;
  private final String topic;
  private Future<?> last = Future.succeededFuture();

  TopicReporter(Publisher publisher, String topic) {
    this.publisher = publisher;
    this.topic = topic;
  }

  /** Whether no publication is pending. */
  boolean idle() {
    return last.isComplete();
  }

  /**
   * @return completes when the event and all earlier ones are appended; fails if the log does not
   *     accept it within some seconds
   */
  Future<?> publish(String type, String data) {
    var event = new Event(List.of(topic), type, "", Event.NO_RETRY, data);
    last = last.transform(previous -> publisher.publish(event));
    return last;
  }

  Future<?> publish(String type, JsonObject data) {
    return publish(type, data.encode());
  }
}
