package io.tidings.fanout;

import io.netty.util.internal.ThreadExecutorMap;
import io.tidings.auth.NotGranted;
import io.tidings.auth.Principal;
import io.tidings.auth.TopicRights;
import io.tidings.bus.EntryBatch;
import io.tidings.event.Event;
import io.tidings.event.Filter;
import io.tidings.event.Selection;
import io.tidings.event.Visibility;
import io.tidings.log.Entry;
import io.tidings.log.EventLog;
import io.tidings.memory.DeliveryBacklog;
import io.tidings.memory.MemoryBudget;
import io.tidings.metrics.LoopMetrics;
import io.tidings.metrics.Metrics;
import io.tidings.settings.StreamSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The streams of one event loop, and their audiences: opens and closes streams, and dispatches the
 * entries of the log to the audiences whose filters match. Confined to the loop.
 *
 * <p>{@link LogHead} is the position up to which the loop has received the log, {@link
 * DeliveryScheduler} runs the deliveries, and {@link PageReader} reads pages for lagging
 * subscribers in between.
 *
 * <p>The head and the positions of all audiences agree whenever a task of the loop ends: entries
 * are dispatched and the head moves past them in one task, and if entries are missing, all
 * subscribers resume from the log in that task.
 */
public final class Audiences {
  private static final System.Logger LOG = System.getLogger(Audiences.class.getName());

  private final SubscriptionCounts subscriptions;
  private final OpenStreams streams;
  private final MemoryBudget memory;
  private final DeliveryBacklog.Reader backlog;
  private final LogHead head;
  private final DeliveryScheduler scheduler;
  private final LoopContext context;
  private final StreamCheck check;

  private final Map<AudienceKey, Audience> audiences = new HashMap<>();
  private final FilterIndex<Audience> index = new FilterIndex<>();
  private final Draining draining;
  private final RandomIds ids = new RandomIds();

  /** What a stream asked for that was cut; null before there was one. */
  private Filter lastAsked;

  /**
   * Must be created on the event loop that it is confined to; receives from the current head of the
   * log.
   *
   * @param clocks those of all event loops
   */
  public Audiences(
      Vertx vertx,
      EventLog log,
      StreamSettings settings,
      SubscriptionCounts subscriptions,
      OpenStreams streams,
      Metrics metrics,
      MemoryBudget memory,
      Clocks clocks) {
    LoopMetrics loopMetrics = metrics.loop();
    this.subscriptions = subscriptions;
    this.streams = streams;
    this.memory = memory;
    this.backlog = memory.batches().reader();
    this.head = new LogHead(log);
    this.scheduler = new DeliveryScheduler(ThreadExecutorMap.currentExecutor(), this);
    this.context =
        new LoopContext(
            vertx,
            vertx.getOrCreateContext(),
            clocks.millis(),
            head,
            scheduler,
            new PageReader(vertx.getOrCreateContext(), log, scheduler, memory, metrics::lagging),
            memory,
            new StreamMetrics(metrics, loopMetrics),
            new ExpiryWheel(vertx, clocks.time()),
            settings.stall().toMillis());
    this.check =
        new StreamCheck(
            context,
            new LivenessCheck(context, settings),
            new LagMonitor(clocks.millis(), loopMetrics, subscriptions),
            audiences.values());
    this.draining = new Draining(context, settings, subscriptions);
    streams.add(this);
  }

  /**
   * Decides what a stream may receive: the only place that does. Nothing is opened or counted
   * before {@link Opening#subscribe}.
   *
   * @param asked cut to what the principal may read: from then on the stream has {@link
   *     Subscriber#selection}, for replay as for delivery
   * @throws NotGranted if the principal may read nothing of what one of the patterns matches
   */
  public Opening open(Principal principal, Filter asked) {
    return new Opening(
        new Subscriber.Request(principal, asked), TopicRights.readable(principal, asked));
  }

  /** Opens a stream of a client, of which nobody has to know when it leaves. */
  Subscriber open(Principal principal, Filter asked, WireFormat wire, Outlet outlet) {
    return open(principal, asked).subscribe(new Delivered(wire, Traffic.CLIENT), outlet, () -> {});
  }

  /**
   * How a stream is delivered.
   *
   * @param traffic as which its deliveries are counted
   */
  public record Delivered(WireFormat wire, Traffic traffic) {}

  /** A stream that its principal may open. Confined to the loop. */
  public final class Opening {
    private final Subscriber.Request request;
    private final Selection selection;

    private Opening(Subscriber.Request request, Selection selection) {
      this.request = request;
      this.selection = selection;
    }

    /**
     * Opens the stream, which receives nothing before {@link Subscriber#begin}; it is counted until
     * it leaves.
     *
     * @param onLeave run when the stream leaves, for whatever reason, and if this method throws
     */
    public Subscriber subscribe(Delivered as, Outlet outlet, Runnable onLeave) {
      try {
        return add(this, as, outlet, onLeave);
      } catch (RuntimeException | Error e) {
        onLeave.run();
        throw e;
      }
    }
  }

  private Subscriber add(Opening opening, Delivered as, Outlet outlet, Runnable onLeave) {
    var key = new AudienceKey(opening.selection, as.wire(), as.traffic());
    Audience audience = audiences.computeIfAbsent(key, this::create);
    var subscriber = new Subscriber(this, audience, opening.request, outlet, onLeave);
    audience.add(subscriber);
    subscriptions.add(opening.selection);
    streams.add(subscriber);
    context.metrics().opened(as.traffic());
    return subscriber;
  }

  /**
   * The audience of what a principal may read of what it asks for.
   *
   * @throws NotGranted if that is nothing of one of the patterns
   */
  AudienceKey key(Principal principal, Filter asked, Delivered as) {
    return new AudienceKey(TopicRights.readable(principal, asked), as.wire(), as.traffic());
  }

  /**
   * Moves a stream that is not live, and not queued for anything, to another audience.
   *
   * @return the audience; if this method throws, the stream has not moved
   */
  Audience move(Subscriber subscriber, AudienceKey key) {
    Audience from = subscriber.audience();
    Audience to = audiences.computeIfAbsent(key, this::create);
    try {
      to.add(subscriber);
      subscriptions.add(key.selection());
    } catch (RuntimeException | Error e) {
      to.leave(subscriber);
      removeIfEmpty(to);
      throw e;
    }
    subscriptions.remove(from.selection());
    from.leave(subscriber);
    try {
      removeIfEmpty(from);
    } catch (RuntimeException | Error e) {
      scheduler.reportFailure("an empty audience", from, e); // the stream has moved nevertheless
    }
    return to;
  }

  /** Receives a batch of committed entries from the log. */
  public void receive(EntryBatch batch) {
    if (!head.includesAllBefore(batch.first())) {
      resynchronize(batch.first());
    }
    try {
      dispatch(batch);
    } catch (RuntimeException | Error e) {
      // some audiences were offered the entry that failed, others were not
      LOG.log(
          System.Logger.Level.ERROR,
          "dispatching a batch failed; all subscribers resume from the log",
          e);
      audiences.values().forEach(audience -> audience.delivery().abandon());
      head.advance(batch.last());
      audiences.values().forEach(scheduler::add);
    }
    backlog.received(batch.total());
    scheduler.abandonOversized(batch.total());
    scheduler.updateParked();
    scheduler.scheduleDelivery();
  }

  /** Whether an audience waits for more entries, which it will deliver together. */
  public boolean gathering() {
    return scheduler.gathering();
  }

  /**
   * Sends due heartbeats, cuts clients that read nothing, reports statistics, and retries what
   * failed. Called by a timer.
   */
  public void tick() {
    check.tick();
    memory.streams(subscriptions.streams());
    scheduler.wake();
  }

  /** Whether the streams are being checked, which {@link #tick} begins. */
  boolean checking() {
    return !check.idle();
  }

  /**
   * Ends all streams because the hub stops, spread over the given time; a stream that opens
   * meanwhile is ended at once. Completes when the streams that were open at the call have ended.
   */
  public Future<Void> drain(Duration time) {
    return draining.stop(begun(), time);
  }

  /** Whether streams are being ended because the hub stops. */
  public boolean draining() {
    return draining.stopping();
  }

  /**
   * The log has become isolated: ends the streams that are open, spread over {@code stream.drain},
   * so that their clients reach another node. Streams that begin until {@link #reconnect} stay, and
   * are told that they may be stale.
   *
   * @param since when this node lost the connection to the majority
   */
  public void isolate(Instant since) {
    draining.isolate(begun(), since);
  }

  /** The log is not isolated, or not any more: the streams that are still open stay. */
  public void reconnect() {
    draining.reconnect();
  }

  /** Whether there is memory for one more stream. */
  public boolean admits() {
    return memory.acceptsStreams();
  }

  /**
   * How long a client whose stream begins now must wait before it reconnects, because the hub
   * stops; empty if the stream may stay.
   */
  OptionalInt stopRetryMillis() {
    return draining.stopRetryMillis();
  }

  /** Since when the log is isolated; empty if it is not. */
  Optional<Instant> isolatedSince() {
    return draining.isolatedSince();
  }

  /** Ends every stream gracefully. */
  public void endAll() {
    streams.remove(this);
    check.stop();
    for (Audience audience : List.copyOf(audiences.values())) {
      audience.subscribers().forEach(subscriber -> subscriber.end(CloseReason.DRAINED));
    }
    context.pages().close();
    backlog.close();
  }

  /** Counts the streams that an event of these is delivered to. */
  Reach reach(PublishedTopics topics) {
    Set<Audience> matching = Collections.newSetFromMap(new IdentityHashMap<>());
    topics.open().forEach(topic -> matching.addAll(index.matching(topic)));
    for (String topic : topics.privates()) {
      index.matching(topic).stream()
          .filter(audience -> audience.selection().matches(List.of(topic), Visibility.PRIVATE))
          .forEach(matching::add);
    }
    Reach reach = Reach.NONE;
    for (Audience audience : matching) {
      reach = reach.plus(audience.reach());
    }
    return reach;
  }

  /** The streams that have begun. */
  private List<Subscriber> begun() {
    return audiences.values().stream()
        .flatMap(audience -> audience.subscribers().stream())
        .filter(Subscriber::begun)
        .toList();
  }

  /** The number of audiences; an audience without subscribers is removed. */
  int size() {
    return audiences.size();
  }

  /** The audiences by their topics. */
  FilterIndex<Audience> index() {
    return index;
  }

  /** The ids of new streams. */
  RandomIds ids() {
    return ids;
  }

  /** What the audiences of the loop share. */
  LoopContext context() {
    return context;
  }

  /**
   * An equal filter that other streams keep too, if there is one at hand: most streams that are cut
   * to their rights ask for the same.
   */
  Filter shared(Filter asked, AudienceKey key) {
    if (asked.equals(key.selection().filter())) {
      return key.selection().filter();
    }
    if (!asked.equals(lastAsked)) {
      lastAsked = asked;
    }
    return lastAsked;
  }

  /** Removes a stream that has ended, for whatever reason. */
  void leave(Subscriber subscriber, CloseReason why) {
    Audience audience = subscriber.audience();
    audience.leave(subscriber);
    subscriptions.remove(audience.selection());
    streams.remove(subscriber);
    listener().left(subscriber);
    context.metrics().closed(audience.traffic(), why);
    scheduler.unpark(subscriber);
    removeIfEmpty(audience); // last, since it may fail
  }

  /** Is told of the streams. */
  StreamListener listener() {
    return streams.listener();
  }

  private Audience create(AudienceKey key) {
    var audience = new Audience(key, context);
    index.add(key.selection().filter(), audience);
    return audience;
  }

  /** Removes an audience that has no streams and nothing to deliver. */
  void removeIfEmpty(Audience audience) {
    if (audience.isEmpty()
        && audience.delivery().idle()
        && audiences.get(audience.key()) == audience) {
      index.remove(audience.selection().filter(), audience); // first, since it may fail
      audiences.remove(audience.key());
    }
  }

  private void dispatch(EntryBatch batch) {
    List<Entry> entries = batch.list();
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      if (!head.includes(entry)) {
        dispatch(entry, batch);
        head.advance(entry);
      }
    }
  }

  private void dispatch(Entry entry, EntryBatch batch) {
    Event event = entry.event();
    boolean isPrivate = event.isPrivate();
    for (String topic : event.topics()) {
      for (Audience audience : index.matching(topic)) {
        boolean selected = !isPrivate || audience.selection().matches(event);
        if (selected && audience.delivery().offer(entry, batch.nanos(), batch.total())) {
          scheduler.add(audience);
        }
      }
    }
  }

  /**
   * Moves every subscriber back to reading from the log, because the loop missed entries or the log
   * began a new epoch.
   */
  private void resynchronize(Entry next) {
    audiences.values().forEach(this::deliverAll);
    var lagging = new ArrayList<Subscriber>();
    audiences.values().forEach(audience -> fallBehindAll(audience, lagging));
    head.moveBefore(next);
    lagging.forEach(scheduler::updateState);
  }

  private void fallBehindAll(Audience audience, List<Subscriber> lagging) {
    audience.delivery().abandon();
    try {
      audience.delivery().fallBehindAll(lagging);
    } catch (RuntimeException | Error e) {
      scheduler.reportFailure("a delivery", audience, e); // the next tick completes it
    }
  }

  private void deliverAll(Audience audience) {
    try {
      audience.delivery().deliverAll();
    } catch (RuntimeException | Error e) {
      audience.delivery().abandon();
      scheduler.reportFailure("a delivery", audience, e);
    }
  }
}
