package io.tidings.bus;

import io.tidings.event.Event;
import io.tidings.event.EventReader;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Position;
import io.tidings.event.Publication;
import io.tidings.event.TextRules;
import io.tidings.log.Entry;
import io.tidings.log.EventLog;
import io.tidings.log.LogUnavailable;
import io.tidings.settings.LimitSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;

/**
 * Where events come in: whoever publishes, by HTTP or over the event bus, comes by here. It checks
 * what the settings bound and the log can't know, and appends. Any thread.
 */
public final class Intake {
  static final int CLIENTS_FAULT = 400;
  static final int NOT_NOW = 503;
  private static final int FAILED = 500;
  private static final System.Logger LOG = System.getLogger(Intake.class.getName());

  private final EventLog log;
  private final LimitSettings limits;
  private final Optional<Admission> admission;

  /** Takes whatever there is memory for or not. */
  public Intake(EventLog log, LimitSettings limits) {
    this(log, limits, Optional.empty());
  }

  /** Takes what there is memory for. */
  public Intake(EventLog log, LimitSettings limits, Admission admission) {
    this(log, limits, Optional.of(admission));
  }

  private Intake(EventLog log, LimitSettings limits, Optional<Admission> admission) {
    this.log = log;
    this.limits = limits;
    this.admission = admission;
  }

  /**
   * Appends all of the events or none.
   *
   * @return on the calling context, the entries, when the log has them; fails with {@link
   *     InvalidEvent} where an event breaks a rule, and otherwise where the log can't take them now
   */
  public Future<List<Entry>> take(Publication publication) {
    try {
      publication.events().forEach(this::check);
    } catch (InvalidEvent e) {
      return Future.failedFuture(e);
    }
    return ContextFutures.of(append(publication));
  }

  private Future<List<Entry>> append(Publication publication) {
    if (admission.isEmpty()) {
      return log.append(publication);
    }
    long bytes = publication.cost();
    Future<Void> admitted = admission.get().enter(bytes);
    Future<List<Entry>> appended =
        admitted.succeeded()
            ? log.append(publication)
            : admitted.compose(in -> log.append(publication));
    return appended.onComplete(
        done -> {
          if (admitted.succeeded()) {
            admission.get().leave(bytes);
          }
        });
  }

  /**
   * The same for events as JSON, which {@link EventReader} describes; tells also the line that
   * breaks a rule.
   */
  public Future<List<Entry>> take(String json, String key, boolean once) {
    try {
      List<Event> events = EventReader.read(json, this::check);
      return ContextFutures.of(append(new Publication(events, key, once)));
    } catch (InvalidEvent e) {
      return Future.failedFuture(e);
    }
  }

  /**
   * Answers requests to {@link Address#PUBLISH} from now on.
   *
   * @return the consumer, to unregister, when requests reach it
   */
  public Future<MessageConsumer<JsonObject>> listen(Vertx vertx) {
    return ConsumerRegistration.of(vertx, Address.PUBLISH, this::answer);
  }

  private void answer(Message<JsonObject> request) {
    Future.succeededFuture()
        .compose(now -> take(request)) // what it throws is a failure too
        .onSuccess(entries -> request.reply(entries.get(0).id()))
        .onFailure(e -> refuse(request, e));
  }

  /**
   * Answers a request whose event was not taken. What is neither the client's fault nor an outage
   * of the log is a bug: it is logged here, and the client learns no more than that.
   */
  static void refuse(Message<?> request, Throwable failure) {
    if (failure instanceof InvalidEvent broken) { // a request has no lines: only field and rule
      request.fail(CLIENTS_FAULT, broken.field() + ": " + broken.rule());
    } else if (failure instanceof LogUnavailable) {
      request.fail(NOT_NOW, failure.getMessage());
    } else {
      LOG.log(System.Logger.Level.ERROR, "a request failed", failure);
      request.fail(FAILED, "the hub failed");
    }
  }

  private Future<List<Entry>> take(Message<?> request) {
    String key = request.headers().get(Publication.KEY);
    return request.body() instanceof JsonObject json
        ? take(json.encode(), key == null ? "" : key, false)
        : Future.failedFuture(new InvalidEvent("body", "must be a JsonObject"));
  }

  /**
   * @throws InvalidEvent where the event can't be taken
   */
  void check(Event event) {
    event.checkPublished(limits.topic());
    if (TextRules.utf8Length(event.data()) > limits.body()) {
      throw new InvalidEvent("data", "must have at most " + limits.body() + " bytes");
    }
    if (!event.id().isEmpty()) {
      if (Position.parse(event.id()).filter(log::makes).isPresent()) {
        throw new InvalidEvent("id", "must not be one that the hub itself makes");
      }
    }
  }
}
