package io.tidings.cuts;

import static io.tidings.cuts.Simulation.SECONDS;

/** Independent publishers in each region, which together have a mean rate. */
final class Publishers {
  private final Simulation simulation;
  private final Model model;
  private final long meanMicros;
  private int number;

  /**
   * @param rate events a second in each region
   */
  Publishers(Simulation simulation, Model model, int rate) {
    this.simulation = simulation;
    this.model = model;
    meanMicros = SECONDS / rate;
  }

  void publish(long begin, long duration) {
    for (int region = 0; region < Network.REGIONS.size(); region++) {
      next(region, begin, begin + duration);
    }
  }

  private void next(int region, long time, long end) {
    long at = time + simulation.exponential(meanMicros);
    if (at < end) {
      simulation.at(
          at,
          () -> {
            model.publish(new Event(number++, region, simulation.now()));
            next(region, at, end);
          });
    }
  }

  int published() {
    return number;
  }
}
