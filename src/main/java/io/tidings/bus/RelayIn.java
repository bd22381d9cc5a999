package io.tidings.bus;

import io.tidings.auth.Principal;
import io.tidings.event.Event;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Publication;
import io.tidings.event.Visibility;
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
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Appends to its one topic, which the settings grant to it, the messages that verticles send or
 * publish to an event-bus address, once for all nodes. A verticle on one event loop.
 *
 * <p>A sent message reaches one node, which appends it. A published message reaches all nodes: the
 * leader appends it, and the others keep a copy until they see its event in the log, so that the
 * next leader can append it if this one stops before. Appends that fail are retried with the same
 * key for {@link #RETENTION_SECONDS}; after that, and if too many wait, messages are dropped, which
 * is logged.
 */
public final class RelayIn extends VerticleBase {
  private static final System.Logger LOG = System.getLogger(RelayIn.class.getName());
  private static final long POLL_MILLIS = 250;
  private static final long RETRY_MILLIS = 250;

  /** How long copies are kept and appends are retried. */
  static final long RETENTION_SECONDS = 60;

  private static final long MAX_BYTES = 8 << 20;
  private static final int MAX_GROUP = 100;

  private final Relay relay;
  private final Intake intake;
  private final LiveFeed feed;
  private final BooleanSupplier leader;
  private final LongSupplier nanoTime;

  /** Events to be appended by this node, in the order of arrival. */
  private final EventQueue waiting = new EventQueue(MAX_BYTES);

  /** Events that another node has to append and that are not in the log yet. */
  private final EventQueue copies = new EventQueue(MAX_BYTES);

  /** Events of the log whose message has not arrived at this node yet. */
  private final EventQueue early = new EventQueue(MAX_BYTES);

  private final MinuteLimiter dropped = new MinuteLimiter();

  private MessageConsumer<Object> consumer;
  private LiveFeed.Follower live;
  private boolean appending;
  private long timer;

  /**
   * @param leader whether this node does the work that is done once for all nodes
   * @throws InvalidSetting if the relay's topic is invalid
   */
  public RelayIn(Relay relay, Intake intake, LiveFeed feed, BooleanSupplier leader) {
    this(relay, intake, feed, leader, System::nanoTime);
  }

  /**
   * @param nanoTime the clock for retries and copies, as {@link System#nanoTime}
   */
  RelayIn(
      Relay relay, Intake intake, LiveFeed feed, BooleanSupplier leader, LongSupplier nanoTime) {
    this.relay = relay;
    this.intake = intake;
    this.feed = feed;
    this.leader = leader;
    this.nanoTime = nanoTime;
    try {
      Event.of(relay.topic(), "");
    } catch (InvalidEvent e) {
      throw InvalidSetting.of("bus.in.topic", relay.topic(), e.rule());
    }
  }

  @Override
  public Future<?> start() {
    timer = vertx.setPeriodic(POLL_MILLIS, tick -> poll());
    live = feed.follow(context, this::onAppended);
    return ConsumerRegistration.of(vertx, relay.address(), this::onMessage)
        .onSuccess(registered -> consumer = registered);
  }

  @Override
  public Future<?> stop() {
    vertx.cancelTimer(timer);
    live.stop();
    return consumer.unregister();
  }

  private void onMessage(Message<Object> message) {
    Event event;
    try {
      event = event(message);
      intake.check(event);
    } catch (InvalidEvent e) {
      LOG.log(System.Logger.Level.WARNING, "{0}: {1}", relay.address(), e.getMessage());
      message.fail(RequestFailures.BAD_REQUEST, e.field() + ": " + e.rule());
      return;
    }
    if (message.isSend() && message.replyAddress() != null) {
      intake
          .publish(Principal.HUB, Publication.of(List.of(event)))
          .onSuccess(entries -> message.reply(entries.get(0).id()))
          .onFailure(e -> RequestFailures.reply(message, e));
    } else if (message.isSend() || leader.getAsBoolean()) {
      enqueue(event);
      appendWaiting();
    } else {
      keepCopy(event);
    }
  }

  /** An event with the body as data, and type, id and private from the headers of these names. */
  private Event event(Message<Object> message) {
    Object body = message.body();
    String data =
        body instanceof Buffer buffer ? buffer.toString() : body == null ? "" : body.toString();
    return new Event(
        List.of(relay.topic()),
        header(message, "type"),
        header(message, "id"),
        Event.NO_RETRY,
        data,
        visibility(message));
  }

  private static Visibility visibility(Message<?> message) {
    return Visibility.ofFlag(Optional.ofNullable(message.headers().get(Visibility.MARK)));
  }

  private static String header(Message<?> message, String name) {
    String value = message.headers().get(name);
    return value == null ? "" : value;
  }

  /** Drops the event if there is no room, since its sender waits for no reply. */
  private void enqueue(Event event) {
    if (!waiting.offer(event, nanoTime.getAsLong())) {
      long count = dropped.count(nanoTime.getAsLong());
      if (count > 0) {
        LOG.log(
            System.Logger.Level.ERROR,
            "{0}: {1} messages were dropped: too many wait to be appended",
            relay.address(),
            count);
      }
    }
  }

  private void keepCopy(Event event) {
    if (!early.remove(event)) {
      copies.push(event, nanoTime.getAsLong());
    }
  }

  /** Matches entries of the log with the copies. */
  private void onAppended(EntryBatch entries) {
    if (leader.getAsBoolean()) {
      return;
    }
    for (Entry entry : entries.list()) {
      if (entry.event().topic().equals(relay.topic()) && !copies.remove(entry.event())) {
        early.push(entry.event(), nanoTime.getAsLong());
      }
    }
  }

  /** Appends the copies if this node has become the leader, and evicts what is too old. */
  private void poll() {
    if (leader.getAsBoolean() && !copies.isEmpty()) {
      LOG.log(
          System.Logger.Level.INFO,
          "{0}: {1} messages of the previous leader are appended",
          relay.address(),
          copies.size());
      while (!copies.isEmpty()) {
        enqueue(copies.poll());
      }
      early.evictBefore(nanoTime.getAsLong());
      appendWaiting();
    }
    long horizon = nanoTime.getAsLong() - TimeUnit.SECONDS.toNanos(RETENTION_SECONDS);
    copies.evictBefore(horizon);
    early.evictBefore(horizon);
  }

  /** Appends the next group, unless one is being appended: groups keep their order. */
  private void appendWaiting() {
    if (appending || waiting.isEmpty()) {
      return;
    }
    appending = true;
    var events = new ArrayList<Event>();
    while (!waiting.isEmpty() && events.size() < MAX_GROUP) {
      events.add(waiting.poll());
    }
    long deadline = nanoTime.getAsLong() + TimeUnit.SECONDS.toNanos(RETENTION_SECONDS);
    append(new Publication(events, UUID.randomUUID().toString(), false), deadline);
  }

  private void append(Publication group, long deadline) {
    intake
        .publish(Principal.HUB, group)
        .onSuccess(entries -> appendNext())
        .onFailure(
            e -> {
              if (e instanceof InvalidEvent || nanoTime.getAsLong() - deadline > 0) {
                LOG.log(
                    System.Logger.Level.ERROR,
                    "{0}: {1} messages were dropped: {2}",
                    relay.address(),
                    group.events().size(),
                    e.getMessage());
                appendNext();
              } else {
                vertx.setTimer(RETRY_MILLIS, elapsed -> append(group, deadline));
              }
            });
  }

  private void appendNext() {
    appending = false;
    appendWaiting();
  }
}
