package io.tidings.scenes;

import io.tidings.access.ClientGuard;
import io.tidings.bus.Intake;
import io.tidings.bus.LiveFeed;
import io.tidings.bus.PublishRequests;
import io.tidings.event.Event;
import io.tidings.event.Publication;
import io.tidings.log.Entry;
import io.tidings.log.EventLog;
import io.tidings.log.ManualClock;
import io.tidings.log.Retention;
import io.tidings.log.SynchronousLog;
import io.tidings.memory.MemoryBudget;
import io.tidings.metrics.Metrics;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What the scenes use of a hub: a log, its live feed, and the intake of the hub's own events. */
final class HubInMemory implements AutoCloseable {
  final Vertx vertx = Vertx.vertx();
  final ManualClock clock = new ManualClock();
  final SynchronousLog log =
      new SynchronousLog(new Retention(0, Duration.ZERO, 0), Duration.ofMinutes(10), clock);
  final LiveFeed feed =
      LiveFeed.of(log, new Metrics(), new MemoryBudget(1 << 20, 1 << 20).batches());
  private final List<Event> events = new CopyOnWriteArrayList<>();

  HubInMemory() throws Exception {
    Settings settings = Settings.of(Map.of());
    log.follow(entries -> entries.forEach(entry -> events.add(entry.event())));
    get(
        new PublishRequests(
                vertx, new Intake(log, settings.limits()), ClientGuard.of(settings, new Metrics()))
            .serveOwn());
  }

  /** A live feed of what the test gives to the follower, which this adds to the list. */
  @SuppressWarnings("unchecked")
  static LiveFeed feedOf(List<Handler<List<Entry>>> followers) {
    InvocationHandler follow =
        (proxy, method, arguments) -> {
          followers.add((Handler<List<Entry>>) arguments[0]);
          return null;
        };
    var loader = HubInMemory.class.getClassLoader();
    var log = (EventLog) Proxy.newProxyInstance(loader, new Class<?>[] {EventLog.class}, follow);
    return LiveFeed.of(log, new Metrics(), new MemoryBudget(1 << 20, 1 << 20).batches());
  }

  /** Publishes a request or an event of the scenes. */
  Entry append(String topic, String type, String data) throws Exception {
    var event = new Event(List.of(topic), type, "", Event.NO_RETRY, data);
    return get(log.append(Publication.of(List.of(event)))).get(0);
  }

  /** The types of a topic's events, in order. */
  List<String> types(String topic) {
    return events.stream().filter(of(topic)).map(Event::type).toList();
  }

  /** The data of a topic's events of one type, joined. */
  String text(String topic, String type) {
    return events.stream()
        .filter(of(topic))
        .filter(event -> event.type().equals(type))
        .map(Event::data)
        .collect(Collectors.joining());
  }

  private static Predicate<Event> of(String topic) {
    return event -> event.topic().equals(topic);
  }

  static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws Exception {
    get(vertx.close());
  }
}
