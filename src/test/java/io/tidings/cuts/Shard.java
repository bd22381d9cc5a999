package io.tidings.cuts;

import static io.tidings.cuts.Simulation.MILLIS;
import static io.tidings.cuts.Simulation.SECONDS;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One shard: a log that a Raft group within one region stores. What a majority of the group has is
 * in the shard's log for good; only the length of that part is reported to the order log, and only
 * that part is sent to readers. So a report is a fact: it may be lost, repeated, late or overtaken,
 * and may come from a leader that has been replaced.
 *
 * <p>A publisher is answered when a cut covers its event.
 */
final class Shard implements OrderLog.Receiver {
  private static final long STORE_MICROS = 1_500;
  private static final long REPORT_MICROS = 500;
  private static final long REPEAT_MICROS = 100 * MILLIS;
  private static final long ELECTION_MICROS = 1 * SECONDS;

  private final Simulation simulation;
  private final Network network;
  private final OrderLog orderLog;
  private final History history;
  private final int number;
  private final int region;
  private final long slower;
  private final Map<MergingReader, Network.Channel> readers = new LinkedHashMap<>();
  private final CutLog cuts = new CutLog();
  private final List<Event> stored = new ArrayList<>();
  private final Deque<Event> unstored = new ArrayDeque<>();
  private final Deque<Event> waiting = new ArrayDeque<>();
  private long lastStore;
  private int answered;
  private boolean reportDue;
  private boolean down;
  private int term;

  /**
   * @param slower by how much storing takes longer than usual
   */
  Shard(CutModel.Parts parts, OrderLog orderLog, int number, int region, long slower) {
    simulation = parts.simulation();
    network = parts.network();
    history = parts.history();
    this.orderLog = orderLog;
    this.number = number;
    this.region = region;
    this.slower = slower;
    repeatReport();
  }

  void sendTo(MergingReader reader, Network.Channel channel) {
    readers.put(reader, channel);
  }

  void publish(Event event) {
    if (down) {
      waiting.add(event);
      return;
    }
    unstored.add(event);
    long time = simulation.now() + STORE_MICROS + simulation.exponential(700) + slower;
    lastStore = Math.max(lastStore, time);
    int termOfEvent = term;
    simulation.at(lastStore, () -> store(termOfEvent));
  }

  private void store(int termOfEvent) {
    if (termOfEvent == term) {
      add(unstored.remove());
    }
  }

  private void add(Event event) {
    int index = stored.size();
    stored.add(event);
    readers.forEach((to, channel) -> channel.send(() -> to.receive(number, index, event)));
    if (!reportDue) {
      reportDue = true;
      simulation.after(REPORT_MICROS, this::report);
    }
  }

  private void report() {
    reportDue = false;
    long length = stored.size();
    network.send(region, orderLog.region(), () -> orderLog.report(number, length));
  }

  private void repeatReport() {
    report();
    simulation.after(REPEAT_MICROS, this::repeatReport);
  }

  /** Its leader ends. What a majority does not have yet is lost, or not: a prefix survives. */
  void crash() {
    term++;
    down = true;
    int lost = simulation.random().nextInt(unstored.size() + 1);
    for (int i = 0; i < lost; i++) {
      unstored.removeLast();
    }
    int termOfCrash = term;
    simulation.after(ELECTION_MICROS, () -> recover(termOfCrash));
  }

  /** Unless it has ended again meanwhile. */
  private void recover(int termOfCrash) {
    if (termOfCrash != term) {
      return;
    }
    down = false;
    while (!unstored.isEmpty()) {
      add(unstored.remove());
    }
    while (!waiting.isEmpty()) {
      publish(waiting.remove());
    }
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
    cuts.add(cut);
    for (; answered < cut.length(number); answered++) {
      long offset = cuts.offset(new CutLog.Place(number, answered));
      history.answered(stored.get(answered), offset, simulation.now());
    }
  }
}
