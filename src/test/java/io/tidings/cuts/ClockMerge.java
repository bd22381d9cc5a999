package io.tidings.cuts;

import static io.tidings.cuts.Simulation.MILLIS;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * One order without an order log: a cluster for each region, whose leader marks events with its
 * clock, and readers that merge by time. A reader delivers an event when every region has said that
 * it has nothing older; for that a region without events sends its time at each interval. All
 * readers see one order, but not that in which publishers were answered: clocks differ.
 */
final class ClockMerge implements Model {
  private static final long STORE_MICROS = 1_500;

  /** How far the clocks of the regions are ahead. */
  private static final long[] AHEAD = {0, 2 * MILLIS, 5 * MILLIS};

  private final CutModel.Parts parts;
  private final long intervalMicros;
  private final long[] lastTime = new long[AHEAD.length];
  private final List<Reader> readers = new ArrayList<>();

  private record Stamped(Event event, long time) {}

  /** Per region that publishes: the connection to it, its time, and what waits. */
  private static final class Reader {
    final List<Network.Channel> channels = new ArrayList<>();
    final List<Deque<Stamped>> waiting = new ArrayList<>();
    final long[] times = new long[AHEAD.length];
  }

  ClockMerge(CutModel.Parts parts, long intervalMicros) {
    this.parts = parts;
    this.intervalMicros = intervalMicros;
    for (int to = 0; to < AHEAD.length; to++) {
      var reader = new Reader();
      for (int from = 0; from < AHEAD.length; from++) {
        reader.channels.add(parts.network().channel(from, to));
        reader.waiting.add(new ArrayDeque<>());
      }
      readers.add(reader);
    }
    parts.simulation().after(intervalMicros, this::sendTimes);
  }

  private void sendTimes() {
    for (int region = 0; region < AHEAD.length; region++) {
      send(region, List.of());
    }
    parts.simulation().after(intervalMicros, this::sendTimes);
  }

  @Override
  public void publish(Event event) {
    int region = event.region();
    long store = STORE_MICROS + parts.simulation().exponential(700);
    parts.network().send(region, region, () -> parts.simulation().after(store, () -> store(event)));
  }

  @Override
  public void check(History history) {
    history.checkOneOrder();
  }

  private void store(Event event) {
    parts.history().answered(event, -1, parts.simulation().now());
    send(event.region(), List.of(event));
  }

  private void send(int from, List<Event> events) {
    long time = Math.max(lastTime[from] + 1, parts.simulation().now() + AHEAD[from]);
    lastTime[from] = time;
    for (int to = 0; to < readers.size(); to++) {
      int region = to;
      readers.get(to).channels.get(from).send(() -> receive(region, from, events, time));
    }
  }

  private void receive(int region, int from, List<Event> events, long time) {
    Reader reader = readers.get(region);
    reader.times[from] = time;
    events.forEach(event -> reader.waiting.get(from).add(new Stamped(event, time)));
    int next = next(reader);
    while (next >= 0) {
      Event event = reader.waiting.get(next).remove().event;
      parts.history().received(region, event, parts.simulation().now());
      next = next(reader);
    }
  }

  /** The region whose event is next, or -1 if that is not certain yet. */
  private static int next(Reader reader) {
    int next = -1;
    long earliest = Long.MAX_VALUE;
    for (int from = 0; from < AHEAD.length; from++) {
      Stamped head = reader.waiting.get(from).peek();
      long time = head == null ? reader.times[from] + 1 : head.time;
      if (time < earliest) {
        earliest = time;
        next = head == null ? -1 : from;
      }
    }
    return next;
  }
}
