package io.tidings.bus;

import io.tidings.event.Event;
import io.tidings.event.EventReader;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Position;
import io.tidings.event.Text;
import io.tidings.log.Entry;
import io.tidings.log.EventLog;
import io.tidings.settings.Settings.Limits;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * Where events come in: whoever publishes, by HTTP or over the event bus, comes by here. It checks
 * what the settings bound and the log can't know, and appends. Any thread.
 */
public final class Intake {
  private static final int CLIENTS_FAULT = 400;
  private static final int NOT_NOW = 503;

  private final EventLog log;
  private final Limits limits;

  public Intake(EventLog log, Limits limits) {
    this.log = log;
    this.limits = limits;
  }

  /**
   * Appends all of the events or none.
   *
   * @return the entries, when the log has them; fails with {@link InvalidEvent} where an event
   *     breaks a rule, and otherwise where the log can't take them now
   */
  public Future<List<Entry>> take(List<Event> events) {
    try {
      events.forEach(this::check);
    } catch (InvalidEvent e) {
      return Future.failedFuture(e);
    }
    return log.append(events);
  }

  /** Answers requests to {@link Address#PUBLISH} from now on; completes when they reach it. */
  public Future<Void> listen(Vertx vertx) {
    return vertx
        .eventBus()
        .<JsonObject>consumer(Address.PUBLISH)
        .handler(this::answer)
        .completion();
  }

  private void answer(Message<JsonObject> request) {
    event(request)
        .compose(event -> take(List.of(event)))
        .onSuccess(entries -> request.reply(entries.get(0).id()))
        .onFailure(
            e -> request.fail(e instanceof InvalidEvent ? CLIENTS_FAULT : NOT_NOW, e.getMessage()));
  }

  private Future<Event> event(Message<JsonObject> request) {
    Object body = request.body();
    if (!(body instanceof JsonObject json)) {
      return Future.failedFuture(new InvalidEvent("body", "must be a JsonObject"));
    }
    try {
      Event event = EventReader.read(json.encode()).get(0);
      if (Text.utf8Length(event.data()) > limits.body()) {
        throw new InvalidEvent("data", "must have at most " + limits.body() + " bytes");
      }
      return Future.succeededFuture(event);
    } catch (InvalidEvent e) {
      return Future.failedFuture(new InvalidEvent(e.field(), e.rule())); // a request has no lines
    }
  }

  private void check(Event event) {
    event.checkPublished(limits.topic());
    if (!event.id().isEmpty()) {
      long epoch = log.bounds().epoch();
      if (Position.parse(event.id()).filter(id -> id.epoch() == epoch).isPresent()) {
        throw new InvalidEvent("id", "must not be one that the hub itself makes");
      }
    }
  }
}
