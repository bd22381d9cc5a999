package io.tidings.cuts;

import java.util.ArrayList;
import java.util.List;

/** A cluster for each region, whose events the others receive too; there is no order over them. */
final class Lanes implements Model {
  private static final long STORE_MICROS = 1_500;

  private final CutModel.Parts parts;
  private final long[] lastStore = new long[Network.REGIONS.size()];
  private final List<List<Network.Channel>> channels = new ArrayList<>();

  Lanes(CutModel.Parts parts) {
    this.parts = parts;
    for (int from = 0; from < lastStore.length; from++) {
      var outgoing = new ArrayList<Network.Channel>();
      for (int to = 0; to < lastStore.length; to++) {
        outgoing.add(parts.network().channel(from, to));
      }
      channels.add(outgoing);
    }
  }

  @Override
  public void publish(Event event) {
    int region = event.region();
    parts.network().send(region, region, () -> order(event));
  }

  @Override
  public void check(History history) {
    // no order is promised, and channels keep that of each lane
  }

  private void order(Event event) {
    Simulation simulation = parts.simulation();
    int region = event.region();
    long time = simulation.now() + STORE_MICROS + simulation.exponential(700);
    lastStore[region] = Math.max(lastStore[region], time);
    simulation.at(lastStore[region], () -> store(event));
  }

  private void store(Event event) {
    List<Network.Channel> outgoing = channels.get(event.region());
    for (int region = 0; region < outgoing.size(); region++) {
      int to = region;
      outgoing.get(region).send(() -> receive(to, event));
    }
  }

  private void receive(int region, Event event) {
    long now = parts.simulation().now();
    parts.history().received(region, event, now);
    if (region == event.region()) {
      parts.history().answered(event, -1, now);
    }
  }
}
