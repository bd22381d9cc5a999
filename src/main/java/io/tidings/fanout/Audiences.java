package io.tidings.fanout;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.internal.ThreadExecutorMap;
import io.tidings.bus.Entries;
import io.tidings.event.Position;
import io.tidings.event.Selection;
import io.tidings.log.Bounds;
import io.tidings.log.Entry;
import io.tidings.log.EventLog;
import io.tidings.metrics.Metrics;
import io.tidings.settings.Settings.Stream;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * All audiences of one event loop, and that loop's way along the log. Confined to the loop.
 *
 * <p>What comes from the log is laid out to the audiences that want it, and delivered in a task of
 * its own, behind whatever the loop has to do already: so all that came in the meantime leaves
 * together. Delivery goes in slices, and those who are behind read in turns between them.
 */
public final class Audiences {
  private static final int DELIVERIES_A_TURN = 512;
  private static final int PAGES_A_TURN = 8;

  /** How many of those behind are told of. */
  private static final int MOST_STRAGGLERS = 10;

  private final Vertx vertx;
  private final EventExecutor loop;
  private final EventLog log;
  private final Stream settings;
  private final Roll roll;
  private final Metrics metrics;
  private final Metrics.Loop counts;
  private final LongSupplier clock;
  private final Pages pages;

  private final Map<Taste, Audience> audiences = new HashMap<>();
  private final SelectionIndex<Audience> index = new SelectionIndex<>();
  private final Deque<Audience> toDeliver = new ArrayDeque<>();
  private final Deque<Subscriber> toRead = new ArrayDeque<>();
  private List<Subscriber> ahead = new ArrayList<>();
  private boolean turnScheduled;
  private int resting;
  private Drain drain;

  /** How far the loop has heard. */
  private Position heard;

  private long epoch;
  private long head;

  /**
   * Made on the event loop that it is confined to; hears from the log's head on.
   *
   * @param clock milliseconds that only ever grow
   */
  public Audiences(
      Vertx vertx, EventLog log, Stream settings, Roll roll, Metrics metrics, LongSupplier clock) {
    this.vertx = vertx;
    this.loop = ThreadExecutorMap.currentExecutor();
    this.log = log;
    this.settings = settings;
    this.roll = roll;
    this.metrics = metrics;
    this.counts = metrics.loop();
    this.clock = clock;
    this.pages = new Pages(vertx.getOrCreateContext(), log);
    Bounds bounds = log.bounds();
    this.heard = bounds.head();
    this.epoch = bounds.epoch();
    this.head = bounds.newest();
  }

  /**
   * Opens a stream, which does not hear before {@link Subscriber#begin}; counted until it leaves.
   */
  public Subscriber open(Selection selection, Wire wire, Outlet outlet) {
    return open(selection, wire, Traffic.CLIENT, outlet);
  }

  /**
   * Opens a stream whose deliveries are counted as the given traffic; as {@link #open(Selection,
   * Wire, Outlet)} otherwise.
   */
  public Subscriber open(Selection selection, Wire wire, Traffic traffic, Outlet outlet) {
    Audience audience = audiences.computeIfAbsent(new Taste(selection, wire, traffic), this::found);
    var subscriber = new Subscriber(this, audience, outlet, clock.getAsLong());
    audience.admit(subscriber);
    roll.add(selection);
    if (traffic == Traffic.DASHBOARD) {
      metrics.streamsApart(1);
    }
    return subscriber;
  }

  /** Takes what the log has handed on. */
  public void hear(Entries batch) {
    Entry first = batch.first();
    if (first.position().epoch() != epoch || first.previous() > head) {
      miss(first);
    }
    List<Entry> entries = batch.list();
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      if (entry.offset() > head) {
        layOut(entry, batch.nanos());
        head = entry.offset();
        heard = entry.position();
      }
    }
    wakeAhead();
    if (toRead.isEmpty()) {
      scheduleTurn();
    } else {
      loop.execute(this::deliverSoon);
    }
  }

  /** Sends heartbeats where they are due, and cuts clients that take nothing. For a timer. */
  public void tick() {
    long now = clock.getAsLong();
    long silence = settings.heartbeat().toMillis();
    long lagging = 0;
    long lag = 0;
    String place = heard.toString();
    for (Audience audience : List.copyOf(audiences.values())) {
      for (Subscriber subscriber : audience.everybody()) {
        if (subscriber.stalled(now, settings.stall().toMillis())) {
          subscriber.cut(Ending.STALLED);
        }
      }
      lagging += audience.behind();
      lag = Math.max(lag, audience.lag(head));
      if (silence > 0 && audience.beat(now, silence, head, place)) {
        toDeliver.add(audience);
      }
    }
    if (lagging == 0) {
      pages.clear();
    }
    roll.stragglers(this, lagging == 0 ? List.of() : slowest(now));
    counts.standing(audiences.size(), lagging, lag);
    scheduleTurn();
  }

  /**
   * Ends the streams because the hub stops, spread over that time; whoever comes meanwhile is ended
   * at once. Completes when those who were here are ended.
   */
  public Future<Void> drain(Duration time) {
    List<Subscriber> everybody =
        audiences.values().stream().flatMap(audience -> audience.everybody().stream()).toList();
    drain = new Drain(vertx, everybody, time, settings.retry(), roll.streams());
    return drain.begin();
  }

  /** Whether streams are being ended because the hub stops. */
  public boolean draining() {
    return drain != null;
  }

  /** What a client that begins to hear must wait before it comes back; empty where it may stay. */
  OptionalInt drainRetryMillis() {
    return drain == null ? OptionalInt.empty() : OptionalInt.of(drain.retryMillis());
  }

  /** Ends every stream in good order. */
  public void endAll() {
    for (Audience audience : List.copyOf(audiences.values())) {
      audience.everybody().forEach(subscriber -> subscriber.end(Ending.DRAINED));
    }
    pages.close();
  }

  /** How many audiences there are; none is kept for nobody. */
  int size() {
    return audiences.size();
  }

  /** Whether there is nothing to deliver or to read. */
  boolean atRest() {
    return !turnScheduled && resting == 0;
  }

  void leave(Subscriber subscriber, Ending why) {
    Audience audience = subscriber.audience();
    audience.leave(subscriber);
    roll.remove(audience.selection());
    if (audience.traffic() == Traffic.DASHBOARD) {
      metrics.streamsApart(-1);
    }
    metrics.closed(why.name().toLowerCase(Locale.ROOT));
    ahead.remove(subscriber);
    dissolveIfDeserted(audience);
  }

  /**
   * Below 0 where the cursor is behind the edge of its audience, 0 at it, above 0 where the log has
   * not told the loop yet.
   */
  int compareToEdge(Position cursor, Audience audience) {
    if (cursor.epoch() == epoch) {
      return Long.compare(cursor.offset(), audience.edge(head));
    }
    return cursor.epoch() == log.bounds().epoch() ? 1 : -1;
  }

  /** The offset at which readers of the given epoch become live. */
  long edge(Audience audience, long readersEpoch) {
    return readersEpoch == epoch ? audience.edge(head) : Long.MAX_VALUE;
  }

  /** Up to where a live subscriber has heard. */
  Position place(Subscriber live) {
    long reached = live.audience().reached(live, head);
    return reached == heard.offset() ? heard : heard.at(reached);
  }

  Position heardUpTo(long offset) {
    return heard.at(offset);
  }

  /** Puts one in line who wants a page. */
  void queue(Subscriber reader) {
    toRead.add(reader);
    scheduleTurn();
  }

  /** Keeps one who is ahead of this loop until the loop has caught up. */
  void park(Subscriber subscriber) {
    ahead.add(subscriber);
  }

  /**
   * A chunk of that many events went to so many sockets.
   *
   * @param ticks how many of the events are the hub's own clock
   */
  void count(Traffic traffic, Chunk chunk, int events, int ticks, int sockets) {
    counts.delivered(events, chunk.size(), sockets);
    if (traffic == Traffic.DASHBOARD) {
      counts.deliveredApart(events, chunk.size(), sockets);
    } else if (ticks > 0) {
      counts.deliveredApart(ticks, (int) ((long) chunk.size() * ticks / events), sockets);
    }
  }

  /** So many events were delivered at once, the oldest of which came at that time. */
  void delivered(int events, long since) {
    if (events > 0) {
      metrics.delivered(System.nanoTime() - since);
    }
  }

  /** A page went to a stream that is behind. */
  void delivered(Traffic traffic, SharedPage page) {
    count(traffic, page.chunk(), page.events(), page.ticks(), 1);
  }

  private List<Straggler> slowest(long now) {
    return audiences.values().stream()
        .flatMap(audience -> audience.stragglers(head, now))
        .filter(straggler -> straggler.lag() > 0)
        .sorted(Comparator.comparingLong(Straggler::lag).reversed())
        .limit(MOST_STRAGGLERS)
        .toList();
  }

  /** Milliseconds that only ever grow. */
  long now() {
    return clock.getAsLong();
  }

  void toldOfGap() {
    metrics.gap();
  }

  long setTimer(Duration time, Runnable action) {
    return vertx.setTimer(time.toMillis(), timer -> action.run());
  }

  void cancelTimer(long id) {
    vertx.cancelTimer(id);
  }

  private Audience found(Taste taste) {
    var audience =
        new Audience(taste.selection, taste.wire, taste.traffic, this, clock.getAsLong());
    index.add(taste.selection, audience);
    return audience;
  }

  private void dissolveIfDeserted(Audience audience) {
    if (audience.deserted()
        && audience.idle()
        && audiences.remove(
            new Taste(audience.selection(), audience.wire(), audience.traffic()), audience)) {
      index.remove(audience.selection(), audience);
    }
  }

  private void layOut(Entry entry, long nanos) {
    for (String topic : entry.event().topics()) {
      for (Audience audience : index.matching(topic)) {
        if (audience.offer(entry, head, nanos)) {
          toDeliver.add(audience);
        }
      }
    }
  }

  /**
   * The loop missed something, or the log began a new life: everybody goes on from the log itself.
   */
  private void miss(Entry next) {
    audiences.values().forEach(audience -> audience.deliverAll(head, clock.getAsLong()));
    List<Subscriber> everybody = new ArrayList<>();
    audiences.values().forEach(audience -> everybody.addAll(audience.setBack(head)));
    heard = next.position().at(next.previous());
    epoch = heard.epoch();
    head = heard.offset();
    everybody.forEach(Subscriber::settle);
  }

  private void wakeAhead() {
    if (!ahead.isEmpty()) {
      List<Subscriber> woken = ahead;
      ahead = new ArrayList<>();
      woken.forEach(Subscriber::settle);
    }
  }

  private void scheduleTurn() {
    if (!turnScheduled && !(toDeliver.isEmpty() && toRead.isEmpty())) {
      turnScheduled = true;
      // not execute: what is executed runs before the loop looks at its sockets again, and so would
      // slice after slice
      loop.schedule(this::turn, 0, TimeUnit.NANOSECONDS);
    }
  }

  /** One slice of work: deliveries first, then pages for those behind. */
  private void turn() {
    turnScheduled = false;
    deliver();
    for (int i = 0; i < PAGES_A_TURN && !toRead.isEmpty(); i++) {
      Subscriber reader = toRead.poll();
      if (!reader.left()) {
        pages.give(reader);
      }
    }
    wakeAhead();
    scheduleTurn();
  }

  /** A slice of deliveries alone, before another round of work for those who are behind. */
  private void deliverSoon() {
    deliver();
    scheduleTurn();
  }

  private void deliver() {
    int left = DELIVERIES_A_TURN;
    while (left > 0 && !toDeliver.isEmpty()) {
      Audience audience = toDeliver.poll();
      left = audience.deliver(left, head, clock.getAsLong());
      long rest = audience.rest(System.nanoTime());
      if (audience.idle()) {
        dissolveIfDeserted(audience);
      } else if (rest > 0) {
        resting++;
        loop.schedule(() -> goOn(audience), rest, TimeUnit.NANOSECONDS);
      } else {
        toDeliver.add(audience);
      }
    }
  }

  /** An audience has rested. */
  private void goOn(Audience audience) {
    resting--;
    toDeliver.add(audience);
    scheduleTurn();
  }

  /** What is the same for all members of an audience. */
  private record Taste(Selection selection, Wire wire, Traffic traffic) {}
}
