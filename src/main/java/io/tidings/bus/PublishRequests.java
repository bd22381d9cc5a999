package io.tidings.bus;

import io.tidings.access.Access;
import io.tidings.access.Caller;
import io.tidings.access.ClientGuard;
import io.tidings.access.PublishCharge;
import io.tidings.auth.Principal;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Publication;
import io.tidings.event.TextRules;
import io.tidings.log.Entry;
import io.tidings.log.OutcomeUnknown;
import io.tidings.metrics.Door;
import io.tidings.metrics.Outcome;
import io.tidings.settings.InvalidSetting;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.shareddata.LocalMap;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Publishes by requests over the event bus: those of the hub's own verticles, which may publish
 * everything, and those of others, who are limited, counted and reported as publishers over HTTP
 * are. Any thread.
 */
public final class PublishRequests {
  /** The topics of a request that are shown. */
  private static final int MAX_TOPICS = 10;

  /** The map of a Vert.x that has the addresses which its hubs serve. */
  private static final String CLAIMS = "tidings.addresses";

  private final Vertx vertx;
  private final Intake intake;
  private final ClientGuard guard;
  private final List<String> claimed = new CopyOnWriteArrayList<>();
  private final List<MessageConsumer<JsonObject>> consumers = new CopyOnWriteArrayList<>();

  /**
   * @param guard limits and reports the requests of others
   */
  public PublishRequests(Vertx vertx, Intake intake, ClientGuard guard) {
    this.vertx = vertx;
    this.guard = guard;
    this.intake = intake;
  }

  /**
   * Handles the requests of the hub's own verticles from now on; messages of other processes do not
   * reach its address.
   *
   * @throws IllegalStateException if another hub of this Vert.x does
   */
  public Future<Void> serveOwn() {
    if (!claim(Address.PUBLISH_LOCALLY)) {
      throw new IllegalStateException(
          "another hub runs on this Vert.x; in an application, open hubs by Hub.open");
    }
    MessageConsumer<JsonObject> consumer = vertx.eventBus().localConsumer(Address.PUBLISH_LOCALLY);
    consumers.add(consumer);
    consumer.handler(
        request ->
            Future.succeededFuture()
                .compose(start -> publishOwn(request)) // turns an exception into a failure
                .onSuccess(entries -> request.reply(entries.get(0).id()))
                .onFailure(e -> RequestFailures.reply(request, e)));
    return consumer.completion();
  }

  /**
   * Handles requests to {@link Address#PUBLISH} from now on.
   *
   * @param principals finds out who sends a request
   * @return completes when the consumer is registered on all nodes
   * @throws InvalidSetting if another hub of this Vert.x does
   */
  public Future<Void> serve(BusPrincipals principals) {
    if (!claim(Address.PUBLISH)) {
      throw InvalidSetting.of(
          "bus.publish", "grants", "must be off, since another hub of this Vert.x has the address");
    }
    return ConsumerRegistration.<JsonObject>of(
            vertx, Address.PUBLISH, request -> handle(principals, request))
        .onSuccess(consumers::add)
        .mapEmpty();
  }

  /** Requests to an address would be shared out among the hubs of a Vert.x. */
  private boolean claim(String address) {
    boolean free = claims().putIfAbsent(address, true) == null;
    if (free) {
      claimed.add(address);
    }
    return free;
  }

  private LocalMap<String, Boolean> claims() {
    return vertx.sharedData().getLocalMap(CLAIMS);
  }

  /** Handles no more requests. */
  public Future<Void> stop() {
    return Future.join(consumers.stream().map(MessageConsumer::unregister).toList())
        .<Void>mapEmpty()
        .eventually(
            () -> {
              claimed.forEach(claims()::remove);
              return Future.succeededFuture();
            });
  }

  /** Finds out who sends a request of others, and serves it. */
  private void handle(BusPrincipals principals, Message<JsonObject> request) {
    var unknown = Access.withoutTopic(Door.BUS, Caller.onEventBus(Principal.UNKNOWN));
    var loggedIn = new AtomicBoolean();
    Runnable beforeVerifying =
        () -> {
          guard.checkLogin(unknown);
          loggedIn.set(true);
        };
    Future.succeededFuture()
        .compose(start -> principals.of(request, beforeVerifying))
        .onSuccess(
            principal -> {
              if (loggedIn.get()) {
                guard.allowed(() -> Access.withoutTopic(Door.BUS, Caller.onEventBus(principal)));
              }
              serve(principal, request, () -> asked(principal, request));
            })
        .onFailure(e -> refuse(request, unknown, e));
  }

  private void serve(Principal principal, Message<JsonObject> request, Supplier<Access> asked) {
    Future.succeededFuture()
        .compose(
            start -> {
              PublishCharge charge = guard.publish(asked, 0);
              return publish(principal, request, charge).onSuccess(done -> charge.published());
            })
        .onSuccess(
            entries -> {
              guard.allowed(asked);
              guard.requests().answered(Door.BUS, Outcome.OK);
              request.reply(entries.get(0).id());
            })
        .onFailure(e -> refuse(request, asked.get(), e));
  }

  private void refuse(Message<JsonObject> request, Access asked, Throwable failure) {
    guard.report(asked, failure);
    int status = RequestFailures.reply(request, failure);
    guard
        .requests()
        .answered(
            Door.BUS, failure instanceof OutcomeUnknown ? Outcome.UNKNOWN : Outcome.of(status));
  }

  /** What a request asks for, as far as it says so. */
  private static Access asked(Principal principal, Message<?> request) {
    var caller = Caller.onEventBus(principal);
    return request.body() instanceof JsonObject json
        ? Access.toTopic(Door.BUS, caller, topics(json.getValue("topic")))
        : Access.withoutTopic(Door.BUS, caller);
  }

  private static String topics(Object topic) {
    return topic instanceof JsonArray several
        ? several.stream().limit(MAX_TOPICS).map(String::valueOf).collect(Collectors.joining(" "))
        : topic instanceof String one ? one : "";
  }

  private Future<List<Entry>> publishOwn(Message<?> request) {
    return intake.publishOwn(json(request), key(request));
  }

  private Future<List<Entry>> publish(
      Principal principal, Message<?> request, PublishCharge charge) {
    String json = json(request);
    return intake.publish(
        principal,
        json,
        key(request),
        false,
        events -> charge.complete(events, TextRules.utf8Length(json)));
  }

  private static String json(Message<?> request) {
    if (request.body() instanceof JsonObject body) {
      return body.encode();
    }
    throw new InvalidEvent("body", "must be a JsonObject");
  }

  private static String key(Message<?> request) {
    return Objects.requireNonNullElse(request.headers().get(Publication.KEY), "");
  }
}
