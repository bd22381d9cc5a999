package io.tidings.bus;

import io.tidings.event.Event;
import io.tidings.event.Publication;
import io.tidings.event.Visibility;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * A typed client of {@link Address#PUBLISH}. Thread-safe.
 *
 * <p>One on a node without a hub publishes to any hub on the event bus; the verticles of a hub
 * publish to that one.
 */
public final class Publisher {
  private static final long REPLY_MILLIS = 5_000;

  /** How long requests are repeated. */
  static final long PATIENCE_MILLIS = 10_000;

  private static final long RETRY_MILLIS = 100;

  private final Vertx vertx;
  private final LongSupplier nanoTime;
  private final boolean localOnly;
  private final Optional<String> token;

  /** A publisher to any hub on the event bus. */
  public Publisher(Vertx vertx) {
    this(vertx, System::nanoTime);
  }

  /**
   * @param nanoTime the clock that limits retries, as {@link System#nanoTime}
   */
  Publisher(Vertx vertx, LongSupplier nanoTime) {
    this(vertx, nanoTime, false, Optional.empty());
  }

  private Publisher(Vertx vertx, LongSupplier nanoTime, boolean localOnly, Optional<String> token) {
    this.vertx = vertx;
    this.nanoTime = nanoTime;
    this.localOnly = localOnly;
    this.token = token;
  }

  /**
   * A publisher to the hub of this process alone, which no other member of a clustered event bus
   * can prevent.
   */
  public static Publisher toLocalHub(Vertx vertx) {
    return new Publisher(vertx, System::nanoTime, true, Optional.empty());
  }

  /** The same publisher, which shows the token to hubs that require one. */
  public Publisher withToken(String shown) {
    return new Publisher(vertx, nanoTime, localOnly, Optional.of(shown));
  }

  /**
   * Publishes an event once. If a node does not reply, or its log is unavailable, the request is
   * repeated with the same key for about ten seconds.
   *
   * @return the entry's id, after it was appended; fails with a {@link ReplyException} whose code
   *     is 400 if the event is invalid, 401 or 403 if it is not granted, 429 if the sender has
   *     exceeded a limit, and 503 if the log is unavailable
   */
  public Future<String> publish(Event event) {
    return publish(event, UUID.randomUUID().toString());
  }

  /**
   * Publishes an event once, also if an earlier process has published it with the same key within
   * {@code log.once}.
   *
   * @param key the {@code Idempotency-Key}: of this event alone
   * @return as of {@link #publish(Event)}; the id of the earlier entry if there is one
   */
  public Future<String> publish(Event event, String key) {
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
    if (event.isPrivate()) {
      body.put(Visibility.MARK, true);
    }
    var options =
        new DeliveryOptions()
            .setSendTimeout(REPLY_MILLIS)
            .setLocalOnly(localOnly)
            .addHeader(Publication.KEY, key);
    token.ifPresent(shown -> options.addHeader(BusPrincipals.TOKEN, "Bearer " + shown));
    return request(
        body, options, nanoTime.getAsLong() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS));
  }

  /** Sends the request until it succeeds; its key makes the log append the event only once. */
  private Future<String> request(JsonObject body, DeliveryOptions options, long deadline) {
    return vertx
        .eventBus()
        .<String>request(localOnly ? Address.PUBLISH_LOCALLY : Address.PUBLISH, body, options)
        .map(Message::body)
        .recover(
            failure ->
                isPermanent(failure) || nanoTime.getAsLong() - deadline > 0
                    ? Future.failedFuture(failure)
                    : vertx
                        .timer(RETRY_MILLIS, TimeUnit.MILLISECONDS)
                        .compose(elapsed -> request(body, options, deadline)));
  }

  /** Whether publishing failed in a way in which a retry would fail too. */
  public static boolean isPermanent(Throwable failure) {
    return failure instanceof ReplyException reply
        && reply.failureType() == ReplyFailure.RECIPIENT_FAILURE
        && reply.failureCode() != RequestFailures.UNAVAILABLE;
  }
}
