package io.tidings.dashboard;

import io.tidings.bus.Entries;
import io.tidings.bus.Live;
import io.tidings.event.Event;
import io.tidings.log.EventLog;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonObject;
import java.time.InstantSource;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Says once a second on {@value #TOPIC} how the hub is, or the cluster: as long as somebody hears
 * it, on whatever node, for it goes through the log like everything else. Confined to its event
 * loop.
 */
public final class StatsVerticle extends VerticleBase {
  /** Where it is said. */
  public static final String TOPIC = "hub.stats";

  /** In a node's figures, how many streams hear it there. */
  public static final String HEARD = "watching";

  private static final System.Logger LOG = System.getLogger(StatsVerticle.class.getName());
  private static final long EVERY_MILLIS = 1_000;

  private final EventLog log;
  private final Supplier<JsonObject> nodes;
  private final BooleanSupplier leads;
  private final InstantSource clock;
  private final Busiest busiest = new Busiest();
  private MessageConsumer<Entries> live;
  private long countsFrom;
  private long timer;

  /**
   * @param nodes what is known of all nodes: {@code {"cluster","nodes","gone"}}
   * @param leads whether this node says it for all
   */
  public StatsVerticle(
      EventLog log, Supplier<JsonObject> nodes, BooleanSupplier leads, InstantSource clock) {
    this.log = log;
    this.nodes = nodes;
    this.leads = leads;
    this.clock = clock;
  }

  @Override
  public Future<?> start() {
    timer = vertx.setPeriodic(EVERY_MILLIS, tick -> tick());
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() {
    vertx.cancelTimer(timer);
    return live == null ? Future.succeededFuture() : live.unregister();
  }

  private void tick() {
    JsonObject now = leads.getAsBoolean() ? nodes.get() : null;
    if (now == null || !watched(now)) {
      rest();
    } else if (live == null) {
      countTopics().onSuccess(counts -> tell(now));
    } else {
      tell(now);
    }
  }

  private static boolean watched(JsonObject nodes) {
    return nodes.getJsonArray("nodes").stream()
        .map(JsonObject.class::cast)
        .anyMatch(node -> node.getInteger(HEARD, 0) > 0);
  }

  /** Whoever does not tell of topics need not count them. */
  private void rest() {
    if (live != null) {
      live.unregister();
      live = null;
    }
  }

  private Future<Void> countTopics() {
    busiest.look(0);
    countsFrom = System.nanoTime();
    return Live.hear(vertx, entries -> busiest.count(entries.list()))
        .onSuccess(consumer -> live = consumer)
        .mapEmpty();
  }

  private void tell(JsonObject now) {
    double seconds = Math.max(0.001, (System.nanoTime() - countsFrom) / 1e9);
    countsFrom = System.nanoTime();
    var topics = busiest.look(Stats.mostListed());
    var stats = Stats.of(clock.instant(), now, topics, seconds);
    log.append(List.of(Event.of(TOPIC, stats.encode())))
        .onFailure(
            e -> LOG.log(System.Logger.Level.DEBUG, "{0} is not told: {1}", TOPIC, e.getMessage()));
  }
}
