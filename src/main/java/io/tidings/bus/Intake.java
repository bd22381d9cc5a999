package io.tidings.bus;

import io.tidings.auth.NotGranted;
import io.tidings.auth.Principal;
import io.tidings.auth.TopicRights;
import io.tidings.event.Event;
import io.tidings.event.EventReader;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Position;
import io.tidings.event.Publication;
import io.tidings.event.TextRules;
import io.tidings.event.Topic;
import io.tidings.log.Entry;
import io.tidings.log.EventLog;
import io.tidings.log.LogUnavailable;
import io.tidings.settings.LimitSettings;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * The single entry point for publishing, by HTTP or over the event bus. Checks that the principal
 * may publish to the topics, validates events against the configured limits, acquires memory for
 * them, and appends them to the log. Thread-safe.
 */
public final class Intake {
  private static final List<String> LOG = List.of(Topic.LOG);

  private final EventLog log;
  private final Supplier<LimitSettings> limits;
  private final Optional<Admission> admission;
  private final PublisherPace pace;

  /** An intake without a bound of memory. */
  public Intake(EventLog log, LimitSettings limits) {
    this(log, () -> limits, Optional.empty(), PublisherPace.UNLIMITED);
  }

  /**
   * An intake that waits for memory.
   *
   * @param limits as they are at the moment
   */
  public Intake(EventLog log, Supplier<LimitSettings> limits, Admission admission) {
    this(log, limits, admission, PublisherPace.UNLIMITED);
  }

  /**
   * An intake of an event loop, whose publishers are paced by its deliveries.
   *
   * @param limits as they are at the moment
   */
  public Intake(
      EventLog log, Supplier<LimitSettings> limits, Admission admission, PublisherPace pace) {
    this(log, limits, Optional.of(admission), pace);
  }

  private Intake(
      EventLog log,
      Supplier<LimitSettings> limits,
      Optional<Admission> admission,
      PublisherPace pace) {
    this.log = log;
    this.limits = limits;
    this.admission = admission;
    this.pace = pace;
  }

  /** The maximum size of a publication's body. */
  public int maxBody() {
    return limits.get().body();
  }

  /**
   * Appends all of the events or none.
   *
   * @return the entries, after they were appended, on the calling context; fails with {@link
   *     NotGranted} if the principal may not publish to one of the topics, with {@link
   *     InvalidEvent} if an event is invalid and with {@link LogUnavailable} if the log or the
   *     memory is unavailable
   */
  public Future<List<Entry>> publish(Principal principal, Publication publication) {
    try {
      for (Event event : publication.events()) {
        check(principal, event);
      }
    } catch (InvalidEvent e) {
      return Future.failedFuture(e);
    }
    return pace.answer(append(scoped(principal, publication)));
  }

  /** Keys and ids are compared only with those of the same principal. */
  private static Publication scoped(Principal principal, Publication publication) {
    boolean compared = publication.once() || !publication.key().isEmpty();
    return compared ? publication.withScope(principal.scope()) : publication;
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
  public Future<List<Entry>> publish(
      Principal principal, String json, String key, boolean once, IntConsumer admit) {
    try {
      List<Event> events = EventReader.read(json, event -> check(principal, event));
      admit.accept(events.size());
      return pace.answer(append(scoped(principal, new Publication(events, key, once))));
    } catch (InvalidEvent e) {
      return Future.failedFuture(e);
    }
  }

  /**
   * The same for an event of the hub's own verticles, which may also publish to the hub's log, as
   * nobody else may.
   */
  Future<List<Entry>> publishOwn(String json, String key) {
    try {
      List<Event> events = EventReader.read(json, this::checkOwn);
      return pace.answer(append(new Publication(events, key, false)));
    } catch (InvalidEvent e) {
      return Future.failedFuture(e);
    }
  }

  private void checkOwn(Event event) {
    if (event.topics().equals(LOG)) {
      checkData(event);
    } else {
      check(event);
    }
  }

  /**
   * Checks whether the principal may publish the event; also useful before its data has arrived.
   *
   * @throws InvalidEvent if the event is invalid
   * @throws NotGranted if the principal may not publish to one of its topics
   */
  public void check(Principal principal, Event event) {
    check(event);
    TopicRights.checkPublish(principal, event);
  }

  /**
   * Validates an event against the configured limits.
   *
   * @throws InvalidEvent if the event is invalid
   */
  void check(Event event) {
    event.checkPublished(limits.get().topic());
    checkData(event);
    if (!event.id().isEmpty() && Position.parse(event.id()).filter(log::owns).isPresent()) {
      throw new InvalidEvent("id", "must not be a position of the log");
    }
  }

  private void checkData(Event event) {
    int body = limits.get().body();
    if (TextRules.utf8Length(event.data()) > body) {
      throw new InvalidEvent("data", "must have at most " + body + " bytes");
    }
  }
}
