package io.tidings.cuts;

import java.util.ArrayList;
import java.util.List;

/** Shards with cuts: a shard and a reader in each region, and one order log. */
final class CutModel implements Model {
  private final Parts parts;
  private final Options options;
  private final OrderLog orderLog;
  private final List<Shard> shards = new ArrayList<>();
  private final List<MergingReader> readers = new ArrayList<>();

  /** What all nodes of a simulation share. */
  record Parts(Simulation simulation, Network network, History history) {}

  /**
   * @param acrossRegions whether the order log's voters are in three regions, or all in one
   * @param slowStore by how much shard 0 takes longer to store an event
   * @param slowSend by how much its events take longer to reach the readers
   */
  record Options(long intervalMicros, boolean acrossRegions, long slowStore, long slowSend) {
    Options(long intervalMicros, boolean acrossRegions) {
      this(intervalMicros, acrossRegions, 0, 0);
    }
  }

  CutModel(Parts parts, Options options) {
    this.parts = parts;
    this.options = options;
    orderLog = new OrderLog(parts, options.intervalMicros, options.acrossRegions, OneLeader.REGION);
    for (int region = 0; region < Network.REGIONS.size(); region++) {
      MergingReader reader = new MergingReader(parts, region);
      readers.add(reader);
      orderLog.add(reader);
    }
    for (int region = 0; region < Network.REGIONS.size(); region++) {
      addShard(region);
    }
  }

  /** Adds a shard while the others go on; it takes its part of the region's publications. */
  void addShard(int region) {
    int number = shards.size();
    long slowStore = number == 0 ? options.slowStore : 0;
    long slowSend = number == 0 ? options.slowSend : 0;
    Shard shard = new Shard(parts, orderLog, number, region, slowStore);
    for (MergingReader reader : readers) {
      shard.sendTo(reader, parts.network.channel(region, reader.region(), slowSend));
    }
    shards.add(shard);
    orderLog.add(shard);
  }

  @Override
  public void publish(Event event) {
    List<Shard> near = shards.stream().filter(shard -> shard.region() == event.region()).toList();
    Shard shard = near.get(event.number() % near.size());
    int region = event.region();
    parts.network.send(region, region, () -> shard.publish(event));
  }

  @Override
  public void check(History history) {
    history.check();
  }

  OrderLog orderLog() {
    return orderLog;
  }

  List<Shard> shards() {
    return shards;
  }

  List<MergingReader> readers() {
    return readers;
  }
}
