package io.tidings.cuts;

import static io.tidings.cuts.Simulation.MILLIS;
import static io.tidings.cuts.Simulation.SECONDS;

import io.tidings.cuts.CutModel.Options;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;

/** Prints the tables of docs/scale.md: make simulate-cuts. Simulated time; a seed decides all. */
public final class CompareOrders {
  private static final long SEED = Long.getLong("seed", 20);
  private static final int RATE = 300;
  private static final long DURATION = 60 * SECONDS;
  private static final long DRAIN = 10 * SECONDS;
  private static final long FAULT_AT = 15 * SECONDS;
  private static final long[] INTERVALS = {5, 10, 20, 50, 100, 200};
  private static final int FRANKFURT = 0;
  private static final int VIRGINIA = 1;
  private static final int TOKYO = 2;

  private record Run(CutModel.Parts parts, Model model) {
    History history() {
      return parts.history();
    }
  }

  private CompareOrders() {}

  /** Prints them. */
  public static void main(String[] arguments) {
    orders();
    intervals();
    slowShards();
    faults();
  }

  private static void orders() {
    heading(
        "order | answer: in Frankfurt | Virginia | Tokyo | Frankfurt's events in Frankfurt | Frankfurt's in Tokyo | Tokyo's in Frankfurt");
    order("one leader in Virginia, voters there", parts -> new OneLeader(parts, false));
    order("one leader in Virginia, voters in all three", parts -> new OneLeader(parts, true));
    var near = new Options(20 * MILLIS, false);
    order("cuts each 20 ms, order log in Virginia", parts -> new CutModel(parts, near));
    var across = new Options(20 * MILLIS, true);
    order("cuts each 20 ms, order log in all three", parts -> new CutModel(parts, across));
    order("merged by clocks, heartbeats each 20 ms", parts -> new ClockMerge(parts, 20 * MILLIS));
    order("a lane for each region: no common order", Lanes::new);
  }

  private static void order(String name, Function<CutModel.Parts, Model> model) {
    History history = run(model, (parts, made) -> {}).history();
    var row = new StringBuilder("| " + name);
    for (int region = FRANKFURT; region <= TOKYO; region++) {
      row.append(" | ").append(latency(history.answerMicros(from(region))));
    }
    row.append(" | ").append(latency(history.receiptMicros(FRANKFURT, from(FRANKFURT))));
    row.append(" | ").append(latency(history.receiptMicros(TOKYO, from(FRANKFURT))));
    row.append(" | ").append(latency(history.receiptMicros(FRANKFURT, from(TOKYO))));
    System.out.println(row.append(" |"));
  }

  private static Predicate<Event> from(int region) {
    return event -> event.region() == region;
  }

  private static void intervals() {
    heading(
        "cuts each | order log in Virginia: answer in Frankfurt | Frankfurt's events in Frankfurt | in Tokyo | order log in all three: answer in Frankfurt | Frankfurt's events in Frankfurt | in Tokyo | cuts a second | events a cut");
    for (long interval : INTERVALS) {
      var row = new StringBuilder("| " + interval + " ms");
      int cuts = 0;
      int events = 0;
      for (boolean across : new boolean[] {false, true}) {
        var options = new Options(interval * MILLIS, across);
        Run run = run(parts -> new CutModel(parts, options), (parts, made) -> {});
        row.append(" | ").append(latency(run.history().answerMicros(from(FRANKFURT))));
        row.append(" | ").append(latency(run.history().receiptMicros(FRANKFURT, from(FRANKFURT))));
        row.append(" | ").append(latency(run.history().receiptMicros(TOKYO, from(FRANKFURT))));
        cuts = ((CutModel) run.model).orderLog().cuts();
        events = run.history().answered();
      }
      double seconds = (double) DURATION / SECONDS;
      System.out.printf("%s | %.0f | %.1f |%n", row, cuts / seconds, (double) events / cuts);
    }
  }

  private static void slowShards() {
    heading(
        "shard in Frankfurt | Frankfurt's events: answer | in Virginia | Virginia's events: answer | in Virginia | in Tokyo");
    slowShard("as the others", 0, 0);
    slowShard("stores 100 ms later", 100, 0);
    slowShard("its events reach the readers 200 ms later", 0, 200);
  }

  private static void slowShard(String name, long slowStore, long slowSend) {
    var options = new Options(20 * MILLIS, true, slowStore * MILLIS, slowSend * MILLIS);
    History history = run(parts -> new CutModel(parts, options), (parts, made) -> {}).history();
    var row = new StringBuilder("| " + name);
    row.append(" | ").append(latency(history.answerMicros(from(FRANKFURT))));
    row.append(" | ").append(latency(history.receiptMicros(VIRGINIA, from(FRANKFURT))));
    row.append(" | ").append(latency(history.answerMicros(from(VIRGINIA))));
    row.append(" | ").append(latency(history.receiptMicros(VIRGINIA, from(VIRGINIA))));
    row.append(" | ").append(latency(history.receiptMicros(TOKYO, from(VIRGINIA))));
    System.out.println(row.append(" |"));
  }

  private static void faults() {
    heading(
        "fault, with one shard a region, cuts each 20 ms, order log in all three | longest pause of the readers in Frankfurt | Virginia | Tokyo");
    fault("none", (parts, model) -> {});
    fault("the order log's leader ends", (parts, model) -> model.orderLog().failOver(FRANKFURT));
    fault("the leader of Tokyo's shard ends", (parts, model) -> model.shards().get(TOKYO).crash());
    fault("Tokyo is cut off for 5 s", (parts, model) -> cutOff(parts, TOKYO));
    fault(
        "Virginia is cut off for 5 s, and Frankfurt leads the order log",
        (parts, model) -> {
          cutOff(parts, VIRGINIA);
          model.orderLog().failOver(FRANKFURT);
        });
    fault("a shard is added in Tokyo", (parts, model) -> model.addShard(TOKYO));
  }

  private static void cutOff(CutModel.Parts parts, int region) {
    parts.network().cutOff(region, parts.simulation().now() + 5 * SECONDS);
  }

  private static void fault(String name, BiConsumer<CutModel.Parts, CutModel> fault) {
    var options = new Options(20 * MILLIS, true);
    Run run =
        run(
            parts -> new CutModel(parts, options),
            (parts, model) ->
                parts.simulation().at(FAULT_AT, () -> fault.accept(parts, (CutModel) model)));
    var row = new StringBuilder("| " + name);
    for (int region = 0; region < Network.REGIONS.size(); region++) {
      row.append(" | %,.0f ms".formatted(run.history().longestPause(region) / 1e3));
    }
    System.out.println(row.append(" |"));
  }

  private static Run run(
      Function<CutModel.Parts, Model> make, BiConsumer<CutModel.Parts, Model> prepare) {
    var simulation = new Simulation(SEED);
    var parts = new CutModel.Parts(simulation, new Network(simulation), new History());
    Model model = make.apply(parts);
    new Publishers(simulation, model, RATE).publish(1 * SECONDS, DURATION);
    prepare.accept(parts, model);
    simulation.run(1 * SECONDS + DURATION + DRAIN);
    model.check(parts.history());
    return new Run(parts, model);
  }

  /** The median and the 99th percentile. */
  private static String latency(long[] sorted) {
    double p50 = sorted[sorted.length / 2] / 1e3;
    double p99 = sorted[sorted.length * 99 / 100] / 1e3;
    return "%.0f / %.0f".formatted(p50, p99);
  }

  private static void heading(String columns) {
    System.out.println("\n| " + columns + " |");
    System.out.println("| ---" + " | ---:".repeat(columns.split(" \\| ").length - 1) + " |");
  }
}
