package io.tidings.cuts;

import java.util.ArrayList;
import java.util.List;

/**
 * A hub that serves the streams of a region. It receives the events of each shard in that shard's
 * order, and the cuts, and delivers in the order that the cuts define. Where an event has not
 * arrived it waits, with everything after it.
 */
final class MergingReader implements OrderLog.Receiver {
  private final Simulation simulation;
  private final History history;
  private final int region;
  private final CutLog cuts = new CutLog();
  private final List<List<Event>> shards = new ArrayList<>();
  private long delivered;

  MergingReader(CutModel.Parts parts, int region) {
    simulation = parts.simulation();
    history = parts.history();
    this.region = region;
  }

  /** Receives an event of a shard. */
  void receive(int shard, int index, Event event) {
    List<Event> events = shard(shard);
    if (index != events.size()) {
      throw new IllegalStateException("event " + index + " after " + (events.size() - 1));
    }
    events.add(event);
    deliver();
  }

  @Override
  public int region() {
    return region;
  }

  @Override
  public long nextCut() {
    return cuts.next();
  }

  @Override
  public void cut(Cut cut) {
    if (cuts.add(cut)) {
      deliver();
    }
  }

  /** The events from an offset on, as a stream receives them that resumes here. */
  List<Event> after(long offset) {
    var page = new ArrayList<Event>();
    for (long next = offset; next < delivered; next++) {
      page.add(event(next));
    }
    return page;
  }

  private void deliver() {
    for (; delivered < cuts.end(); delivered++) {
      CutLog.Place place = cuts.locate(delivered);
      if (shard(place.shard()).size() <= place.index()) {
        return;
      }
      history.received(region, event(delivered), simulation.now());
    }
  }

  private Event event(long offset) {
    CutLog.Place place = cuts.locate(offset);
    return shard(place.shard()).get((int) place.index());
  }

  private List<Event> shard(int number) {
    while (shards.size() <= number) {
      shards.add(new ArrayList<>());
    }
    return shards.get(number);
  }
}
