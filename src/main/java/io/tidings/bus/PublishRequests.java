package io.tidings.bus;

import io.tidings.auth.InvalidToken;
import io.tidings.auth.NotGranted;
import io.tidings.auth.Principal;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Publication;
import io.tidings.log.Entry;
import io.tidings.log.LogUnavailable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Publishes by requests over the event bus: those of the hub's own verticles, which may publish
 * everything, and those of others. Any thread.
 */
public final class PublishRequests {
  static final int BAD_REQUEST = 400;
  static final int UNAUTHORIZED = 401;
  static final int FORBIDDEN = 403;
  static final int UNAVAILABLE = 503;
  private static final int INTERNAL_ERROR = 500;
  private static final System.Logger LOG = System.getLogger(PublishRequests.class.getName());

  private final Vertx vertx;
  private final Intake intake;
  private final List<MessageConsumer<JsonObject>> consumers = new CopyOnWriteArrayList<>();

  public PublishRequests(Vertx vertx, Intake intake) {
    this.vertx = vertx;
    this.intake = intake;
  }

  /**
   * Handles the requests of the hub's own verticles from now on; messages of other processes do not
   * reach its address.
   */
  public Future<Void> serveOwn() {
    MessageConsumer<JsonObject> consumer = vertx.eventBus().localConsumer(Address.PUBLISH_LOCALLY);
    consumers.add(consumer);
    consumer.handler(request -> handle(Principal.HUB, request));
    return consumer.completion();
  }

  /**
   * Handles requests to {@link Address#PUBLISH} from now on.
   *
   * @param principals finds out who sends a request
   * @return completes when the consumer is registered on all nodes
   */
  public Future<Void> serve(BusPrincipals principals) {
    return ConsumerRegistration.<JsonObject>of(
            vertx, Address.PUBLISH, request -> handle(principals, request))
        .onSuccess(consumers::add)
        .mapEmpty();
  }

  /** Handles no more requests. */
  public Future<Void> stop() {
    return Future.join(consumers.stream().map(MessageConsumer::unregister).toList()).mapEmpty();
  }

  private void handle(BusPrincipals principals, Message<JsonObject> request) {
    principals
        .of(request)
        .onSuccess(principal -> handle(principal, request))
        .onFailure(e -> refuse(request, e));
  }

  private void handle(Principal principal, Message<JsonObject> request) {
    Future.succeededFuture()
        .compose(start -> publish(principal, request)) // turns an exception into a failure
        .onSuccess(entries -> request.reply(entries.get(0).id()))
        .onFailure(e -> refuse(request, e));
  }

  /**
   * Replies to a request that failed. A failure that is neither an invalid event nor an outage of
   * the log is a bug: it is logged here, and the client gets no details.
   */
  static void refuse(Message<?> request, Throwable failure) {
    if (failure instanceof InvalidEvent broken) { // without the line, which JSON requests have not
      int status = broken instanceof NotGranted ? FORBIDDEN : BAD_REQUEST;
      request.fail(status, broken.field() + ": " + broken.rule());
    } else if (failure instanceof LogUnavailable) {
      request.fail(UNAVAILABLE, failure.getMessage());
    } else if (failure instanceof InvalidToken token) {
      boolean busy = token.reason() == InvalidToken.Reason.BUSY;
      request.fail(busy ? UNAVAILABLE : UNAUTHORIZED, failure.getMessage());
    } else {
      LOG.log(System.Logger.Level.ERROR, "a request failed", failure);
      request.fail(INTERNAL_ERROR, "the hub failed");
    }
  }

  private Future<List<Entry>> publish(Principal principal, Message<?> request) {
    String key = request.headers().get(Publication.KEY);
    return request.body() instanceof JsonObject json
        ? intake.publish(principal, json.encode(), key == null ? "" : key, false, any -> {})
        : Future.failedFuture(new InvalidEvent("body", "must be a JsonObject"));
  }
}
