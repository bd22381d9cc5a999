package io.tidings.cuts;

import static io.tidings.cuts.Simulation.MILLIS;
import static io.tidings.cuts.Simulation.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.cuts.CutModel.Options;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What must be true of shards with cuts, whatever fails; {@link History#check} is the judge. */
class CutModelTest {
  private static final int RUNS = 60;
  private static final long DURATION = 20 * SECONDS;

  /** Longer than any fault. */
  private static final long DRAIN = 20 * SECONDS;

  private static final int TOKYO = 2;

  private final Simulation simulation = new Simulation(1);
  private final CutModel.Parts parts = parts(simulation);
  private final CutModel model = new CutModel(parts, new Options(20 * MILLIS, true));

  private static CutModel.Parts parts(Simulation simulation) {
    return new CutModel.Parts(simulation, new Network(simulation), new History());
  }

  private int run() {
    var publishers = new Publishers(simulation, model, 100);
    publishers.publish(0, DURATION);
    simulation.run(DURATION + DRAIN);
    parts.history().check();
    return publishers.published();
  }

  @Test
  void everyReaderReceivesOneOrderWhateverFails() {
    long first = Long.getLong("cuts.seed", System.nanoTime());
    for (long seed = first; seed < first + RUNS; seed++) {
      try {
        runWithFaults(seed);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("-Dcuts.seed=" + seed, e);
      }
    }
  }

  private static void runWithFaults(long seed) {
    var simulation = new Simulation(seed);
    Random random = simulation.random();
    CutModel.Parts parts = parts(simulation);
    long interval = (1 + random.nextInt(200)) * MILLIS;
    var model = new CutModel(parts, new Options(interval, random.nextBoolean()));
    var publishers = new Publishers(simulation, model, 20 + random.nextInt(100));
    publishers.publish(0, DURATION);
    for (long time = 0; time < DURATION; time += simulation.exponential(SECONDS)) {
      simulation.at(time, () -> fault(parts, model));
    }
    simulation.run(DURATION + DRAIN);
    parts.history().check();
    assertTrue(parts.history().answered() > publishers.published() / 2);
  }

  private static void fault(CutModel.Parts parts, CutModel model) {
    Random random = parts.simulation().random();
    int region = random.nextInt(Network.REGIONS.size());
    Shard shard = model.shards().get(random.nextInt(model.shards().size()));
    switch (random.nextInt(5)) {
      case 0 -> shard.crash();
      case 1 -> model.orderLog().failOver(region);
      case 2 -> cutOff(parts, model, region);
      case 3 -> model.orderLog().report(model.shards().indexOf(shard), 0); // an old one
      default -> model.addShard(region);
    }
  }

  private static void cutOff(CutModel.Parts parts, CutModel model, int region) {
    Network network = parts.network();
    for (int other = 0; other < Network.REGIONS.size(); other++) {
      if (network.isCutOff(other)) {
        return; // with two regions cut off there is no majority, and the model has none
      }
    }
    network.cutOff(region, parts.simulation().now() + parts.simulation().exponential(2 * SECONDS));
    if (model.orderLog().region() == region) {
      model.orderLog().failOver((region + 1) % Network.REGIONS.size());
    }
  }

  @Test
  void withoutFaultsEveryPublicationIsAnswered() {
    assertEquals(run(), parts.history().answered());
  }

  @Test
  void theSameSeedIsTheSameRun() {
    run();
    var again = new CutModelTest();
    again.run();
    assertEquals(model.readers().get(0).after(0), again.model.readers().get(0).after(0));
  }

  @Test
  void aStreamResumesInAnotherRegionAfterTheOffsetThatItHas() {
    run();
    List<Event> all = model.readers().get(0).after(0);
    assertEquals(all.subList(1_000, all.size()), model.readers().get(TOKYO).after(1_000));
  }

  @Test
  void aRegionThatIsCutOffHoldsUpNobodyElse() {
    simulation.at(5 * SECONDS, () -> parts.network().cutOff(TOKYO, simulation.now() + 5 * SECONDS));
    int published = run();
    assertTrue(parts.history().longestPause(0) < SECONDS);
    assertTrue(parts.history().longestPause(TOKYO) >= 5 * SECONDS);
    assertEquals(published, parts.history().answered());
  }

  @Test
  void aShardWithoutALeaderHoldsUpNobodyElse() {
    simulation.at(5 * SECONDS, () -> model.shards().get(TOKYO).crash());
    run();
    for (int region = 0; region < Network.REGIONS.size(); region++) {
      assertTrue(parts.history().longestPause(region) < SECONDS / 2);
    }
  }

  @Test
  void aShardThatIsAddedTakesPartWithoutAPause() {
    simulation.at(5 * SECONDS, () -> model.addShard(TOKYO));
    assertEquals(run(), parts.history().answered());
    assertTrue(parts.history().longestPause(0) < SECONDS / 2);
  }

  @Test
  void theCheckerNoticesDifferentOrdersLossesAndWrongOffsets() {
    var first = new Event(0, 0, 0);
    var second = new Event(1, 0, 10);
    assertThrows(AssertionError.class, () -> history(first, second).check(), "nothing received");
    var swapped = history(first, second);
    receive(swapped, second, first);
    assertThrows(AssertionError.class, swapped::check);
    var twice = history(first, second);
    receive(twice, first, second, second);
    assertThrows(AssertionError.class, twice::check);
    var different = history(first, second);
    receive(different, first, second);
    different.received(0, new Event(2, 0, 20), 30);
    assertThrows(AssertionError.class, different::check);
    var right = history(first, second);
    receive(right, first, second);
    right.check();
  }

  private static History history(Event first, Event second) {
    var history = new History();
    history.answered(first, 0, 5);
    history.answered(second, 1, 15);
    return history;
  }

  private static void receive(History history, Event... events) {
    for (int region = 0; region < Network.REGIONS.size(); region++) {
      for (Event event : events) {
        history.received(region, event, 20);
      }
    }
  }
}
