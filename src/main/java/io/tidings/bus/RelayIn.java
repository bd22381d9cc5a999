package io.tidings.bus;

import io.tidings.event.Event;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Publication;
import io.tidings.log.Entry;
import io.tidings.memory.MinuteLimiter;
import io.tidings.settings.BusSettings.Relay;
import io.tidings.settings.InvalidSetting;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Appends to a topic what verticles say to an address of the event bus, once for all nodes.
 *
 * <p>What was sent came to this node alone, and is appended here. What was published came to every
 * node: the one that leads appends it, and the others keep a copy until they see it in the log;
 * when the one that leads ends before it could append, the next has what it needs.
 */
public final class RelayIn extends VerticleBase {
  private static final System.Logger LOG = System.getLogger(RelayIn.class.getName());
  private static final long LOOK_MILLIS = 250;
  private static final long RETRY_MILLIS = 250;
  private static final long KEPT_SECONDS = 60;
  private static final long MAX_BYTES = 8 << 20;
  private static final int MAX_AT_ONCE = 100;

  private final Relay relay;
  private final Intake intake;
  private final BooleanSupplier leads;

  /** What is to be appended by this node, in the order in which it came. */
  private final EventQueue waiting = new EventQueue(MAX_BYTES);

  /** What another node is to append, and has not. */
  private final EventQueue copies = new EventQueue(MAX_BYTES);

  /** What was in the log before the copy came. */
  private final EventQueue early = new EventQueue(MAX_BYTES);

  private final MinuteLimiter lost = new MinuteLimiter();

  private MessageConsumer<Object> consumer;
  private MessageConsumer<EntryBatch> live;
  private boolean busy;
  private long timer;

  /**
   * @param leads whether this node does what is done once for all
   * @throws InvalidSetting where the topic is none
   */
  public RelayIn(Relay relay, Intake intake, BooleanSupplier leads) {
    this.relay = relay;
    this.intake = intake;
    this.leads = leads;
    try {
      Event.of(relay.topic(), "");
    } catch (InvalidEvent e) {
      throw InvalidSetting.of("bus.in.topic", relay.topic(), e.rule());
    }
  }

  @Override
  public Future<?> start() {
    timer = vertx.setPeriodic(LOOK_MILLIS, look -> look());
    return Live.subscribe(vertx, this::seen)
        .onSuccess(heard -> live = heard)
        .compose(heard -> ConsumerRegistration.of(vertx, relay.address(), this::hear))
        .onSuccess(hears -> consumer = hears);
  }

  @Override
  public Future<?> stop() {
    vertx.cancelTimer(timer);
    return Future.join(consumer.unregister(), live.unregister());
  }

  private void hear(Message<Object> message) {
    Event event;
    try {
      event = event(message);
      intake.check(event);
    } catch (InvalidEvent e) {
      LOG.log(System.Logger.Level.WARNING, "{0}: {1}", relay.address(), e.getMessage());
      message.fail(Intake.CLIENTS_FAULT, e.field() + ": " + e.rule());
      return;
    }
    if (message.isSend() && message.replyAddress() != null) {
      intake
          .take(Publication.of(List.of(event)))
          .onSuccess(entries -> message.reply(entries.get(0).id()))
          .onFailure(e -> Intake.refuse(message, e));
    } else if (message.isSend() || leads.getAsBoolean()) {
      await(event);
      append();
    } else {
      keep(event);
    }
  }

  /** The body as data; {@code type} and {@code id} may be said in headers. */
  private Event event(Message<Object> message) {
    Object body = message.body();
    String data =
        body instanceof Buffer buffer ? buffer.toString() : body == null ? "" : body.toString();
    return new Event(
        List.of(relay.topic()),
        header(message, "type"),
        header(message, "id"),
        Event.NO_RETRY,
        data);
  }

  private static String header(Message<?> message, String name) {
    String value = message.headers().get(name);
    return value == null ? "" : value;
  }

  /** Nobody waits for an answer, so where there is no room for it, it is lost. */
  private void await(Event event) {
    if (!waiting.offer(event, System.nanoTime())) {
      long count = lost.count(System.nanoTime());
      if (count > 0) {
        LOG.log(
            System.Logger.Level.ERROR,
            "{0}: {1} messages are lost: too much waits to be appended",
            relay.address(),
            count);
      }
    }
  }

  private void keep(Event event) {
    if (!early.take(event)) {
      copies.push(event, System.nanoTime());
    }
  }

  /** The log has these. */
  private void seen(EntryBatch entries) {
    if (leads.getAsBoolean()) {
      return;
    }
    for (Entry entry : entries.list()) {
      if (entry.event().topic().equals(relay.topic()) && !copies.take(entry.event())) {
        early.push(entry.event(), System.nanoTime());
      }
    }
  }

  private void look() {
    if (leads.getAsBoolean() && !copies.isEmpty()) {
      LOG.log(System.Logger.Level.INFO, "{0}: {1} taken over", relay.address(), copies.size());
      while (!copies.isEmpty()) {
        await(copies.poll());
      }
      early.forgetBefore(System.nanoTime());
      append();
    }
    long horizon = System.nanoTime() - TimeUnit.SECONDS.toNanos(KEPT_SECONDS);
    copies.forgetBefore(horizon);
    early.forgetBefore(horizon);
  }

  private void append() {
    if (busy || waiting.isEmpty()) {
      return;
    }
    busy = true;
    var events = new ArrayList<Event>();
    while (!waiting.isEmpty() && events.size() < MAX_AT_ONCE) {
      events.add(waiting.poll());
    }
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(KEPT_SECONDS);
    append(new Publication(events, UUID.randomUUID().toString(), false), until);
  }

  private void append(Publication events, long until) {
    intake
        .take(events)
        .onSuccess(entries -> next())
        .onFailure(
            e -> {
              if (e instanceof InvalidEvent || System.nanoTime() - until > 0) {
                LOG.log(
                    System.Logger.Level.ERROR,
                    "{0}: {1} messages are lost: {2}",
                    relay.address(),
                    events.events().size(),
                    e.getMessage());
                next();
              } else {
                vertx.setTimer(RETRY_MILLIS, later -> append(events, until));
              }
            });
  }

  private void next() {
    busy = false;
    append();
  }
}
