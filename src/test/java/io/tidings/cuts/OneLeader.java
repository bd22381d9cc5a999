package io.tidings.cuts;

import java.util.ArrayList;
import java.util.List;

/**
 * The cluster of today over three regions: every event goes to the one leader, which answers when a
 * majority has it, and sends it to the readers.
 */
final class OneLeader implements Model {
  /** Virginia, which is nearest to both others. */
  static final int REGION = 1;

  private static final long STORE_MICROS = 1_500;

  private final CutModel.Parts parts;
  private final boolean acrossRegions;
  private final List<Network.Channel> channels = new ArrayList<>();
  private long lastStore;
  private long end;

  /**
   * @param acrossRegions whether the voters are in three regions, or all in one
   */
  OneLeader(CutModel.Parts parts, boolean acrossRegions) {
    this.parts = parts;
    this.acrossRegions = acrossRegions;
    for (int region = 0; region < Network.REGIONS.size(); region++) {
      channels.add(parts.network().channel(REGION, region));
    }
  }

  @Override
  public void publish(Event event) {
    parts.network().send(event.region(), REGION, () -> order(event));
  }

  @Override
  public void check(History history) {
    history.check();
  }

  private void order(Event event) {
    Simulation simulation = parts.simulation();
    long roundTrip = acrossRegions ? parts.network().nearestRoundTrip(REGION) : 0;
    long time = simulation.now() + STORE_MICROS + simulation.exponential(700) + roundTrip;
    lastStore = Math.max(lastStore, time);
    simulation.at(lastStore, () -> store(event));
  }

  private void store(Event event) {
    long offset = end++;
    for (int region = 0; region < channels.size(); region++) {
      int to = region;
      channels.get(region).send(() -> receive(to, event, offset));
    }
  }

  /** The publisher is answered by the hub of its region, as soon as that has the event. */
  private void receive(int region, Event event, long offset) {
    long now = parts.simulation().now();
    parts.history().received(region, event, now);
    if (region == event.region()) {
      parts.history().answered(event, offset, now);
    }
  }
}
