package io.tidings.cuts;

import static io.tidings.cuts.Simulation.SECONDS;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * The order log: a Raft log of cuts. Its leader proposes a cut at each interval in which a shard
 * has grown, and sends every stored cut to all shards and readers. It never waits for a shard: one
 * that is away has the length that it reported last.
 */
final class OrderLog {
  private static final long ELECTION_MICROS = 3 * SECONDS / 2;
  private static final long STORE_MICROS = 1_500;

  private final Simulation simulation;
  private final Network network;
  private final long intervalMicros;
  private final boolean acrossRegions;
  private final List<Receiver> receivers = new ArrayList<>();
  private final List<Network.Channel> channels = new ArrayList<>();
  private final List<Cut> stored = new ArrayList<>();
  private final Deque<Cut> proposed = new ArrayDeque<>();
  private long[] reported = {};
  private long lastStore;
  private int region;
  private int term;
  private boolean up = true;

  /** Whoever is sent the cuts. After a change of leader it is sent those that it lacks. */
  interface Receiver {
    int region();

    /** The number of the first cut that it does not have. */
    long nextCut();

    /** A stored cut; perhaps one that it has already. */
    void cut(Cut cut);
  }

  /**
   * @param acrossRegions whether its voters are in three regions, or all in one
   * @param region of its first leader
   */
  OrderLog(CutModel.Parts parts, long intervalMicros, boolean acrossRegions, int region) {
    simulation = parts.simulation();
    network = parts.network();
    this.intervalMicros = intervalMicros;
    this.acrossRegions = acrossRegions;
    this.region = region;
    simulation.after(intervalMicros, () -> tick(0));
  }

  int region() {
    return region;
  }

  int cuts() {
    return stored.size();
  }

  /** Adds a receiver, and sends it all that it lacks. */
  void add(Receiver receiver) {
    receivers.add(receiver);
    channels.add(null);
    connect(receivers.size() - 1);
  }

  private void connect(int number) {
    Receiver receiver = receivers.get(number);
    Network.Channel channel = network.channel(region, receiver.region());
    channels.set(number, channel);
    for (Cut cut : stored.subList((int) receiver.nextCut(), stored.size())) {
      channel.send(() -> receiver.cut(cut));
    }
  }

  /** A shard's log has at least this length. A shard that was unknown is part of the next cut. */
  void report(int shard, long length) {
    if (up) {
      reported = Arrays.copyOf(reported, Math.max(reported.length, shard + 1));
      reported[shard] = Math.max(reported[shard], length);
    }
  }

  private void tick(int termOfTimer) {
    if (termOfTimer != term) {
      return;
    }
    Cut last = proposed.isEmpty() ? last() : proposed.getLast();
    if (!Arrays.equals(reported, last.lengths())) {
      proposed.add(new Cut(last.number() + 1, reported));
      long roundTrip = acrossRegions ? network.nearestRoundTrip(region) : 0;
      long time = simulation.now() + STORE_MICROS + simulation.exponential(700) + roundTrip;
      lastStore = Math.max(lastStore, time);
      simulation.at(lastStore, () -> store(termOfTimer));
    }
    simulation.after(intervalMicros, () -> tick(termOfTimer));
  }

  private Cut last() {
    return stored.isEmpty() ? Cut.NONE : stored.get(stored.size() - 1);
  }

  private void store(int termOfCut) {
    if (termOfCut == term) {
      Cut cut = proposed.remove();
      stored.add(cut);
      for (int i = 0; i < receivers.size(); i++) {
        Receiver receiver = receivers.get(i);
        channels.get(i).send(() -> receiver.cut(cut));
      }
    }
  }

  /**
   * Its leader ends, and one in another region, or in the same, leads after an election. Of the
   * proposed cuts a prefix survives. The reports that the old leader had are lost; the shards
   * repeat theirs.
   */
  void failOver(int newRegion) {
    term++;
    up = false;
    int lost = simulation.random().nextInt(proposed.size() + 1);
    for (int i = 0; i < lost; i++) {
      proposed.removeLast();
    }
    int newTerm = term;
    simulation.after(ELECTION_MICROS, () -> lead(newTerm, newRegion));
  }

  private void lead(int newTerm, int newRegion) {
    if (newTerm != term) {
      return;
    }
    region = newRegion;
    up = true;
    stored.addAll(proposed);
    proposed.clear();
    reported = last().lengths();
    for (int i = 0; i < receivers.size(); i++) {
      connect(i);
    }
    tick(term);
  }
}
