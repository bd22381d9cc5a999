package io.tidings.cuts;

import static io.tidings.cuts.Simulation.MILLIS;

import java.util.List;

/**
 * Three regions with the delays of the public clouds. A message takes the one-way delay, 2 % of it
 * and 0.2 ms of jitter; one in ten thousand is lost and sent again, which takes a round trip and 10
 * ms more. Messages from or to a region that is cut off wait until it is connected again, as TCP
 * and its callers try again.
 */
final class Network {
  static final List<String> REGIONS = List.of("Frankfurt", "Virginia", "Tokyo");

  /** One way, within a region and between two. */
  private static final long[][] MICROS = {
    {250, 45 * MILLIS, 115 * MILLIS},
    {45 * MILLIS, 250, 80 * MILLIS},
    {115 * MILLIS, 80 * MILLIS, 250},
  };

  private final Simulation simulation;
  private final long[] cutOffUntil = new long[MICROS.length];

  Network(Simulation simulation) {
    this.simulation = simulation;
  }

  /** A connection: what is sent arrives in order. */
  final class Channel {
    private final int from;
    private final int to;
    private final long slower;
    private long lastArrival;

    private Channel(int from, int to, long slower) {
      this.from = from;
      this.to = to;
      this.slower = slower;
    }

    void send(Runnable arrival) {
      lastArrival = Math.max(lastArrival, arrival(from, to) + slower);
      simulation.at(lastArrival, arrival);
    }
  }

  Channel channel(int from, int to) {
    return channel(from, to, 0);
  }

  /** A connection on which everything takes longer. */
  Channel channel(int from, int to, long slower) {
    return new Channel(from, to, slower);
  }

  /** Sends a message on its own, which others may overtake. */
  void send(int from, int to, Runnable arrival) {
    simulation.at(arrival(from, to), arrival);
  }

  void cutOff(int region, long until) {
    cutOffUntil[region] = Math.max(cutOffUntil[region], until);
  }

  boolean isCutOff(int region) {
    return cutOffUntil[region] > simulation.now();
  }

  /** When a majority of three has answered: the nearest one of the others that is connected. */
  long nearestRoundTrip(int region) {
    long nearest = Long.MAX_VALUE;
    for (int other = 0; other < MICROS.length; other++) {
      if (other != region && !isCutOff(other)) {
        nearest = Math.min(nearest, delay(region, other) + delay(other, region));
      }
    }
    return nearest;
  }

  private long arrival(int from, int to) {
    long departure = simulation.now();
    if (from != to) {
      departure = Math.max(departure, Math.max(cutOffUntil[from], cutOffUntil[to]));
    }
    return departure + delay(from, to);
  }

  private long delay(int from, int to) {
    long oneWay = MICROS[from][to];
    long jitter = simulation.exponential(oneWay / 50) + simulation.exponential(200);
    boolean lost = simulation.random().nextInt(10_000) == 0;
    return oneWay + jitter + (lost ? 2 * oneWay + 10 * MILLIS : 0);
  }
}
