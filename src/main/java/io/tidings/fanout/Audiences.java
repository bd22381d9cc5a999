package io.tidings.fanout;

import io.netty.util.internal.ThreadExecutorMap;
import io.tidings.bus.EntryBatch;
import io.tidings.event.Filter;
import io.tidings.event.Position;
import io.tidings.log.Bounds;
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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * All audiences of one event loop, and the loop's head: the position up to which it has received
 * the log. Confined to the loop.
 *
 * <p>Entries from the log are dispatched to the audiences whose filters match; {@link
 * DeliveryScheduler} runs the deliveries, and {@link PageReader} reads pages for lagging
 * subscribers in between.
 *
 * <p>It is one class because the head, the epoch and the set of audiences change together: every
 * method that receives, resynchronizes or settles relies on all three agreeing within one task of
 * the loop.
 */
public final class Audiences {
  private static final System.Logger LOG = System.getLogger(Audiences.class.getName());

  /** The maximum number of lagging subscribers that are reported. */
  private static final int MAX_SLOW_SUBSCRIBERS = 10;

  /** The maximum number of bytes pending delivery to one audience. */
  private static final long MAX_PENDING_BYTES = 16 << 20;

  private final Vertx vertx;
  private final EventLog log;
  private final StreamSettings settings;
  private final SubscriptionCounts subscriptions;
  private final Metrics metrics;
  private final LoopMetrics loopMetrics;
  private final MemoryBudget memory;
  private final DeliveryBacklog.Reader backlog;
  private final LongSupplier clock;
  private final DeliveryScheduler scheduler;
  private final PageReader pages;

  private final Map<AudienceKey, Audience> audiences = new HashMap<>();
  private final FilterIndex<Audience> index = new FilterIndex<>();
  private Set<Subscriber> ahead = new LinkedHashSet<>();
  private Drain drain;

  /** The position up to which the loop has received the log. */
  private Position head;

  private long epoch;
  private long headOffset;

  /**
   * Must be created on the event loop that it is confined to; receives from the current head of the
   * log.
   *
   * @param clock monotonic milliseconds
   */
  public Audiences(
      Vertx vertx,
      EventLog log,
      StreamSettings settings,
      SubscriptionCounts subscriptions,
      Metrics metrics,
      MemoryBudget memory,
      LongSupplier clock) {
    this.vertx = vertx;
    this.log = log;
    this.settings = settings;
    this.subscriptions = subscriptions;
    this.metrics = metrics;
    this.loopMetrics = metrics.loop();
    this.memory = memory;
    this.backlog = memory.batches().reader();
    this.clock = clock;
    this.scheduler = new DeliveryScheduler(ThreadExecutorMap.currentExecutor(), this);
    this.pages =
        new PageReader(vertx.getOrCreateContext(), log, scheduler, memory, metrics::lagging);
    Bounds bounds = log.bounds();
    this.head = bounds.head();
    this.epoch = bounds.epoch();
    this.headOffset = bounds.newest();
  }

  /**
   * Opens a stream, which receives nothing before {@link Subscriber#begin}; it is counted until it
   * leaves.
   */
  public Subscriber open(Filter filter, WireFormat wire, Outlet outlet) {
    return open(filter, wire, Traffic.CLIENT, outlet);
  }

  /**
   * Opens a stream whose deliveries are counted as the given traffic; otherwise the same as {@link
   * #open(Filter, WireFormat, Outlet)}.
   */
  public Subscriber open(Filter filter, WireFormat wire, Traffic traffic, Outlet outlet) {
    Audience audience =
        audiences.computeIfAbsent(new AudienceKey(filter, wire, traffic), this::create);
    var subscriber = new Subscriber(this, audience, outlet, clock.getAsLong());
    audience.add(subscriber);
    subscriptions.add(filter);
    if (traffic == Traffic.DASHBOARD) {
      metrics.internalStreams(1);
    }
    return subscriber;
  }

  /** Receives a batch of committed entries from the log. */
  public void receive(EntryBatch batch) {
    Entry first = batch.first();
    if (first.position().epoch() != epoch || first.previous() > headOffset) {
      resynchronize(first);
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
      headOffset = batch.last().offset();
      head = batch.last().position();
      audiences.values().forEach(scheduler::add);
    }
    backlog.received(batch.total());
    scheduler.shed(batch.total());
    settleAhead();
    scheduler.scheduleDelivery();
  }

  /** Sends due heartbeats and cuts clients that read nothing. Called by a timer. */
  public void tick() {
    long now = clock.getAsLong();
    long silence = settings.heartbeat().toMillis();
    long lagging = 0;
    long lag = 0;
    String position = head.toString();
    for (Audience audience : List.copyOf(audiences.values())) {
      audience.subscribers().forEach(subscriber -> cutIfStalled(subscriber, now));
      lagging += audience.behind().size();
      lag = Math.max(lag, longestLag(audience));
      if (silence > 0) {
        heartbeat(audience, now, silence, position);
      }
      if (audience.delivery().abandoned()) {
        scheduler.add(audience); // falling behind failed earlier for lack of memory
      }
    }
    if (lagging == 0) {
      pages.clear();
    }
    subscriptions.slowSubscribers(this, lagging == 0 ? List.of() : slowest(now));
    loopMetrics.report(audiences.size(), lagging, lag);
    memory.streams(subscriptions.streams());
    scheduler.wake();
  }

  private void cutIfStalled(Subscriber subscriber, long now) {
    try {
      if (subscriber.stalled(now, settings.stall().toMillis())) {
        subscriber.cut(CloseReason.STALLED);
      }
    } catch (RuntimeException | Error e) {
      scheduler.reportFailure("a stream", subscriber.audience(), e);
    }
  }

  private void heartbeat(Audience audience, long now, long silence, String position) {
    try {
      if (audience.delivery().heartbeat(now, silence, headOffset, position)) {
        scheduler.add(audience);
      }
    } catch (RuntimeException | Error e) {
      scheduler.reportFailure("a heartbeat", audience, e);
    }
  }

  /** The lag, in offsets, of the most lagging subscriber. */
  private long longestLag(Audience audience) {
    long lag = 0;
    for (Subscriber subscriber : audience.behind()) {
      lag = Math.max(lag, lag(subscriber));
    }
    return lag;
  }

  /** The lag of a subscriber in offsets; 0 if it has not begun. */
  private long lag(Subscriber behind) {
    return behind.cursor() == null ? 0 : headOffset - behind.cursor().offset();
  }

  /**
   * Ends all streams because the hub stops, spread over the given time; a stream that opens
   * meanwhile is ended at once. Completes when the streams that were open at the call have ended.
   */
  public Future<Void> drain(Duration time) {
    List<Subscriber> subscribers =
        audiences.values().stream().flatMap(audience -> audience.subscribers().stream()).toList();
    drain = new Drain(vertx, subscribers, time, settings.retry(), subscriptions.streams());
    return drain.begin();
  }

  /** Whether streams are being ended because the hub stops. */
  public boolean draining() {
    return drain != null;
  }

  /** Whether there is memory for one more stream. */
  public boolean admits() {
    return memory.acceptsStreams();
  }

  /**
   * How long a client whose stream begins now must wait before it reconnects; empty if the stream
   * may stay.
   */
  OptionalInt drainRetryMillis() {
    return drain == null ? OptionalInt.empty() : OptionalInt.of(drain.retryMillis());
  }

  /** Ends every stream gracefully. */
  public void endAll() {
    for (Audience audience : List.copyOf(audiences.values())) {
      audience.subscribers().forEach(subscriber -> subscriber.end(CloseReason.DRAINED));
    }
    pages.close();
    backlog.close();
  }

  /** The number of audiences; an audience without subscribers is removed. */
  int size() {
    return audiences.size();
  }

  /** Whether there is nothing to deliver or to read. */
  boolean idle() {
    return scheduler.idle();
  }

  void leave(Subscriber subscriber, CloseReason why) {
    Audience audience = subscriber.audience();
    audience.leave(subscriber);
    subscriptions.remove(audience.filter());
    if (audience.traffic() == Traffic.DASHBOARD) {
      metrics.internalStreams(-1);
    }
    metrics.closed(why.name().toLowerCase(Locale.ROOT));
    ahead.remove(subscriber);
    removeIfEmpty(audience);
  }

  /**
   * Compares a cursor with the head of its audience: negative if it is behind, 0 if it is at the
   * head, positive if the loop has not received the log up to there.
   */
  int compareToHead(Position cursor, Audience audience) {
    if (audience.delivery().abandoned()) {
      return 1; // nobody becomes live before all live subscribers have fallen behind
    }
    if (cursor.epoch() == epoch) {
      return Long.compare(cursor.offset(), audience.delivery().headOffset(headOffset));
    }
    return cursor.epoch() == log.bounds().epoch() ? 1 : -1;
  }

  /** The offset at which lagging subscribers of the given epoch become live. */
  long headOffset(Audience audience, long readersEpoch) {
    boolean known = readersEpoch == epoch && !audience.delivery().abandoned();
    return known ? audience.delivery().headOffset(headOffset) : Long.MAX_VALUE;
  }

  /** The position up to which a live subscriber has received. */
  Position position(Subscriber live) {
    return live.audience().delivery().position(live, head);
  }

  Position positionAt(long offset) {
    return head.at(offset);
  }

  /** Queues a subscriber for a page. */
  void queue(Subscriber reader) {
    scheduler.add(reader);
  }

  /** Reports an exception thrown by an audience. */
  void reportFailure(String what, Audience audience, Throwable e) {
    scheduler.reportFailure(what, audience, e);
  }

  /** Pauses a subscriber for which no page is available now. */
  void pause(Subscriber reader) {
    scheduler.pause(reader);
  }

  /** Parks a subscriber whose cursor is ahead of this loop until the loop has caught up. */
  void park(Subscriber subscriber) {
    ahead.add(subscriber);
  }

  /**
   * Counts a chunk written to sockets.
   *
   * @param events the number of events in the chunk
   * @param ticks how many of the events are ticks of the hub's own clock
   * @param sockets the number of sockets that the chunk was written to
   */
  void count(Traffic traffic, Chunk chunk, int events, int ticks, int sockets) {
    loopMetrics.delivered(events, chunk.size(), sockets);
    if (traffic == Traffic.DASHBOARD) {
      loopMetrics.deliveredInternal(events, chunk.size(), sockets);
    } else if (ticks > 0) {
      loopMetrics.deliveredInternal(ticks, (int) ((long) chunk.size() * ticks / events), sockets);
    }
  }

  /**
   * Records the latency of a delivery.
   *
   * @param since when the oldest of the events was received, by {@link System#nanoTime}
   */
  void delivered(int events, long since) {
    if (events > 0) {
      metrics.delivered(System.nanoTime() - since);
    }
  }

  /** Counts a page written to a lagging stream. */
  void delivered(Traffic traffic, SharedPage page) {
    count(traffic, page.chunk(), page.events(), page.ticks(), 1);
  }

  /** The most lagging subscribers; the others are not described. */
  private List<SlowSubscriber> slowest(long now) {
    var slowest =
        new PriorityQueue<Subscriber>(
            MAX_SLOW_SUBSCRIBERS + 1, Comparator.comparingLong(this::lag));
    for (Audience audience : audiences.values()) {
      for (Subscriber subscriber : audience.behind()) {
        if (lag(subscriber) > 0) {
          slowest.add(subscriber);
          if (slowest.size() > MAX_SLOW_SUBSCRIBERS) {
            slowest.remove();
          }
        }
      }
    }
    return slowest.stream()
        .sorted(Comparator.<Subscriber>comparingLong(this::lag).reversed())
        .map(subscriber -> describe(subscriber, now))
        .toList();
  }

  private SlowSubscriber describe(Subscriber behind, long now) {
    return new SlowSubscriber(
        behind.audience().topics(), lag(behind), now - behind.behindSince(), behind.client());
  }

  /** The current time in monotonic milliseconds. */
  long now() {
    return clock.getAsLong();
  }

  /** The newest offset that the loop has received. */
  long headOffset() {
    return headOffset;
  }

  /** The position up to which the loop has received the log. */
  Position head() {
    return head;
  }

  PageReader pages() {
    return pages;
  }

  MemoryBudget memory() {
    return memory;
  }

  /** How many pages may be unsent on one socket. */
  int maxUnsentPages() {
    return pages.scarce() ? 1 : 2;
  }

  /** The maximum number of bytes pending delivery to one audience. */
  long maxPendingBytes() {
    return Math.min(memory.batches().limit(), MAX_PENDING_BYTES);
  }

  void countGap() {
    metrics.gap();
  }

  long setTimer(Duration time, Runnable action) {
    return vertx.setTimer(time.toMillis(), timer -> action.run());
  }

  void cancelTimer(long id) {
    vertx.cancelTimer(id);
  }

  private Audience create(AudienceKey key) {
    var audience = new Audience(key.filter, key.wire, key.traffic, this, clock.getAsLong());
    index.add(key.filter, audience);
    return audience;
  }

  void removeIfEmpty(Audience audience) {
    if (audience.isEmpty()
        && audience.delivery().idle()
        && audiences.remove(
            new AudienceKey(audience.filter(), audience.wire(), audience.traffic()), audience)) {
      index.remove(audience.filter(), audience);
    }
  }

  private void dispatch(EntryBatch batch) {
    List<Entry> entries = batch.list();
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      if (entry.offset() > headOffset) {
        dispatch(entry, batch);
        headOffset = entry.offset();
        head = entry.position();
      }
    }
  }

  private void dispatch(Entry entry, EntryBatch batch) {
    for (String topic : entry.event().topics()) {
      for (Audience audience : index.matching(topic)) {
        if (audience.delivery().offer(entry, headOffset, batch.nanos(), batch.total())) {
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
    head = next.position().at(next.previous());
    epoch = head.epoch();
    headOffset = head.offset();
    lagging.forEach(scheduler::settle);
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
      audience.delivery().deliverAll(headOffset, clock.getAsLong());
    } catch (RuntimeException | Error e) {
      audience.delivery().abandon();
      scheduler.reportFailure("a delivery", audience, e);
    }
  }

  /** Settles the subscribers that were ahead of the loop. */
  void settleAhead() {
    if (!ahead.isEmpty()) {
      Set<Subscriber> woken = ahead;
      ahead = new LinkedHashSet<>();
      woken.forEach(scheduler::settle);
    }
  }

  /** The properties that all subscribers of an audience share. */
  private record AudienceKey(Filter filter, WireFormat wire, Traffic traffic) {}
}
