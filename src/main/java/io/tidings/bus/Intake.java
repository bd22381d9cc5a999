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
import java.util.function.IntConsumer;

/**
 * The single entry point for publishing, by HTTP or over the event bus. Validates events against
 * the configured limits, acquires memory for them, and appends them to the log. Thread-safe.
 */
public final class Intake {
  static final int BAD_REQUEST = 400;
  static final int UNAVAILABLE = 503;
  private static final int INTERNAL_ERROR = 500;
  private static final System.Logger LOG = System.getLogger(Intake.class.getName());

  private final EventLog log;
  private final LimitSettings limits;
  private final Optional<Admission> admission;

  /** An intake without a bound of memory. */
  public Intake(EventLog log, LimitSettings limits) {
    this(log, limits, Optional.empty());
  }

  /** An intake that waits for memory. */
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
   * @return the entries, after they were appended, on the calling context; fails with {@link
   *     InvalidEvent} if an event is invalid and with {@link LogUnavailable} if the log or the
   *     memory is unavailable
   */
  public Future<List<Entry>> publish(Publication publication) {
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
    Future<Void> admitted = admission.get().acquire(bytes);
    Future<List<Entry>> appended =
        admitted.succeeded()
            ? log.append(publication)
            : admitted.compose(acquired -> log.append(publication));
    return appended.onComplete(
        completed -> {
          if (admitted.succeeded()) {
            admission.get().release(bytes);
          }
        });
  }

  /**
   * Appends all of the events or none, given as JSON, which {@link EventReader} describes. An
   * {@link InvalidEvent} names the line too.
   *
   * @param key the publication's key; may be empty
   * @param once whether to deduplicate by the events' ids
   * @param admit receives the number of events before they are appended, and throws if these are
   *     too many
   */
  public Future<List<Entry>> publish(String json, String key, boolean once, IntConsumer admit) {
    try {
      List<Event> events = EventReader.read(json, this::check);
      admit.accept(events.size());
      return ContextFutures.of(append(new Publication(events, key, once)));
    } catch (InvalidEvent e) {
      return Future.failedFuture(e);
    }
  }

  /**
   * Handles requests to {@link Address#PUBLISH} from now on.
   *
   * @return the consumer, when it is registered on all nodes
   */
  public Future<MessageConsumer<JsonObject>> listen(Vertx vertx) {
    return ConsumerRegistration.of(vertx, Address.PUBLISH, this::handle);
  }

  private void handle(Message<JsonObject> request) {
    Future.succeededFuture()
        .compose(start -> publish(request)) // turns an exception into a failure
        .onSuccess(entries -> request.reply(entries.get(0).id()))
        .onFailure(e -> refuse(request, e));
  }

  /**
   * Replies to a request that failed. A failure that is neither an invalid event nor an outage of
   * the log is a bug: it is logged here, and the client gets no details.
   */
  static void refuse(Message<?> request, Throwable failure) {
    if (failure instanceof InvalidEvent broken) { // without the line, which JSON requests have not
      request.fail(BAD_REQUEST, broken.field() + ": " + broken.rule());
    } else if (failure instanceof LogUnavailable) {
      request.fail(UNAVAILABLE, failure.getMessage());
    } else {
      LOG.log(System.Logger.Level.ERROR, "a request failed", failure);
      request.fail(INTERNAL_ERROR, "the hub failed");
    }
  }

  private Future<List<Entry>> publish(Message<?> request) {
    String key = request.headers().get(Publication.KEY);
    return request.body() instanceof JsonObject json
        ? publish(json.encode(), key == null ? "" : key, false, any -> {})
        : Future.failedFuture(new InvalidEvent("body", "must be a JsonObject"));
  }

  /**
   * Validates an event against the configured limits.
   *
   * @throws InvalidEvent if the event is invalid
   */
  void check(Event event) {
    event.checkPublished(limits.topic());
    if (TextRules.utf8Length(event.data()) > limits.body()) {
      throw new InvalidEvent("data", "must have at most " + limits.body() + " bytes");
    }
    if (!event.id().isEmpty() && Position.parse(event.id()).filter(log::owns).isPresent()) {
      throw new InvalidEvent("id", "must not be a position of the log");
    }
  }
}
