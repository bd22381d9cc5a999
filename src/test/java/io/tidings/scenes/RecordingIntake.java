package io.tidings.scenes;

import io.tidings.bus.Address;
import io.tidings.bus.Publisher;
import io.tidings.event.Publication;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** Takes the place of the hub's intake, and keeps the published events. */
final class RecordingIntake implements AutoCloseable {
  final Vertx vertx = Vertx.vertx();
  final Publisher publisher = new Publisher(vertx);
  private final List<JsonObject> events = new CopyOnWriteArrayList<>();
  private final Set<String> keys = ConcurrentHashMap.newKeySet();

  /** Keeps the context reachable: Vert.x holds a thread's context by a weak reference only. */
  private final Context context = vertx.getOrCreateContext();

  RecordingIntake() {
    vertx.eventBus().consumer(Address.PUBLISH, this::publish);
    vertx.eventBus().localConsumer(Address.PUBLISH_LOCALLY, this::publish);
  }

  private void publish(Message<JsonObject> request) {
    if (keys.add(request.headers().get(Publication.KEY))) {
      events.add(request.body()); // a repeated request is accepted once, as by a hub
    }
    request.reply("id");
  }

  /** The types of a topic's events, in order, without progress. */
  List<String> types(String topic) {
    return of(topic).stream()
        .map(event -> event.getString("type"))
        .filter(type -> !type.equals("progress"))
        .toList();
  }

  List<JsonObject> of(String topic) {
    return events.stream()
        .filter(event -> event.getJsonArray("topic").getString(0).equals(topic))
        .toList();
  }

  /** Runs an action on the event loop, always the same one. */
  void run(Runnable what) throws Exception {
    var done = new CompletableFuture<Void>();
    context.runOnContext(
        hop -> {
          what.run();
          done.complete(null);
        });
    done.get(10, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }
}
