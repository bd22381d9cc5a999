package io.tidings.producer;

import io.tidings.bus.Publisher;
import io.tidings.event.Event;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Topic;
import io.tidings.settings.InvalidSetting;
import io.tidings.settings.ProducerSettings;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.InputStream;
import java.time.Duration;
import java.time.InstantSource;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Publishes the time, the events of the configured timers, and the lines typed at the console. It
 * publishes over the event bus, so it can be deployed on any node, with a hub or without. Confined
 * to its event loop.
 */
public final class ProducerVerticle extends VerticleBase {
  private static final System.Logger LOG = System.getLogger(ProducerVerticle.class.getName());
  private static final DateTimeFormatter CLOCK_FACE =
      DateTimeFormatter.ofPattern("h:mm:ss a", Locale.ENGLISH);

  private final ProducerSettings settings;
  private final InputStream console;
  private final InstantSource clock;
  private final BooleanSupplier leads;
  private final Function<Vertx, Publisher> publishers;
  private final List<Long> timers = new ArrayList<>();
  private Publisher publisher;
  private Keyboard keyboard;

  /**
   * @param console the source of typed lines
   * @param clock the source of the published time
   * @param leads whether this node publishes for the whole cluster
   * @param publishers makes the one that is used: to the hub of this process, or to any
   */
  public ProducerVerticle(
      ProducerSettings settings,
      InputStream console,
      InstantSource clock,
      BooleanSupplier leads,
      Function<Vertx, Publisher> publishers) {
    this.publishers = publishers;
    this.leads = leads;
    this.settings = settings;
    this.console = console;
    this.clock = clock;
  }

  @Override
  public Future<?> start() {
    try {
      checkTimers();
    } catch (InvalidSetting e) {
      return Future.failedFuture(e);
    }
    publisher = publishers.apply(vertx);
    if (!settings.clock().isZero()) {
      repeat(untilTick(), settings.clock(), this::clockEvent);
    }
    settings
        .timers()
        .forEach(timer -> repeat(timer.every().toMillis(), timer.every(), () -> timerEvent(timer)));
    if (settings.keyboard()) {
      keyboard = new Keyboard(console, event -> context.runOnContext(ignored -> publish(event)));
      keyboard.start();
    }
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() {
    timers.forEach(vertx::cancelTimer);
    if (keyboard != null) {
      keyboard.stop();
    }
    return Future.succeededFuture();
  }

  /** Rejects timers whose events are not valid, before any of them starts. */
  private void checkTimers() {
    for (int i = 0; i < settings.timers().size(); i++) {
      ProducerSettings.Timer timer = settings.timers().get(i);
      try {
        timerEvent(timer).checkPublished(Topic.MAX_BYTES);
      } catch (InvalidEvent e) {
        String value = e.field().equals("topic") ? timer.topic() : timer.type();
        throw InvalidSetting.of("producer.timers[" + i + "]." + e.field(), value, e.rule());
      }
    }
  }

  private void repeat(long firstMillis, Duration every, Supplier<Event> event) {
    if (!every.isZero()) {
      timers.add(
          vertx.setPeriodic(
              firstMillis,
              every.toMillis(),
              id -> {
                if (leads.getAsBoolean()) {
                  publish(event.get());
                }
              }));
    }
  }

  /**
   * The clock ticks when a second begins, or whatever its interval is: in the middle of one, a late
   * tick and the one after it could show the same second.
   *
   * @return how long it is until then, in milliseconds
   */
  private long untilTick() {
    long every = settings.clock().toMillis();
    return every - Math.floorMod(clock.millis(), every);
  }

  private Event clockEvent() {
    LocalTime time = LocalTime.ofInstant(clock.instant(), ZoneId.systemDefault());
    var data =
        new JsonObject()
            .put("message", "Current time is " + CLOCK_FACE.format(time))
            .put("time", clock.instant().truncatedTo(ChronoUnit.MILLIS).toString());
    return Event.of(Topic.CLOCK, data.encode());
  }

  private Event timerEvent(ProducerSettings.Timer timer) {
    String data = timer.data().replace("{time}", clock.instant().toString());
    return new Event(List.of(timer.topic()), timer.type(), "", Event.NO_RETRY, data);
  }

  private void publish(Event event) {
    publisher
        .publish(event)
        .onFailure(
            e -> LOG.log(System.Logger.Level.WARNING, event.topic() + ": " + e.getMessage()));
  }
}
