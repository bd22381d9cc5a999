package io.tidings.chaos;

import io.tidings.Pacing;
import io.tidings.wire.EventStreamParser.ReceivedEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Follows topics in a thread of its own, on one node after another, and resumes after the last id
 * that it received; until it has received the last event of the run.
 */
final class Reader {
  /**
   * @param topic or glob that it subscribes to
   * @param topics the same as a predicate
   * @param earliest whether it begins at the beginning of the log, or live
   * @param stay the longest time that it stays on a node of its own will
   * @param authorization the header of its requests; empty for none
   */
  record Plan(
      String name,
      String topic,
      Predicate<String> topics,
      boolean earliest,
      Duration stay,
      String authorization) {}

  private static final Duration RECONNECT_DELAY = Duration.ofMillis(100);

  private final Plan plan;
  private final Function<Random, Node> nodes;
  private final History history;
  private final ReaderHistory saw;
  private final String last;
  private final Random random;
  private final Thread thread;
  private volatile String lastId;
  private volatile boolean complete;
  private volatile boolean closed;
  private volatile EventStream stream;

  /**
   * @param nodes chooses where it goes on
   * @param last the name of the last event of the run
   */
  Reader(Plan plan, Function<Random, Node> nodes, History history, String last, long seed) {
    this.plan = plan;
    this.nodes = nodes;
    this.history = history;
    this.saw = history.add(new ReaderHistory(plan.name(), plan.topics(), ""));
    this.last = last;
    this.random = new Random(seed);
    this.lastId = plan.earliest() ? "earliest" : "";
    this.thread = new Thread(this::run, "reader-" + plan.name());
    thread.start();
  }

  private void run() {
    while (!complete && !closed) {
      Node node = nodes.apply(random);
      long stay = 1 + (long) (random.nextDouble() * plan.stay().toNanos());
      try (var opened = new EventStream()) {
        stream = opened;
        opened.open(node.url("events?topic=" + plan.topic()), lastId, plan.authorization());
        long begin = System.nanoTime();
        while (!complete && !closed && System.nanoTime() - begin < stay) {
          List<ReceivedEvent> events = opened.next();
          events.forEach(this::receive);
          lastId = opened.lastEventId().isEmpty() ? lastId : opened.lastEventId();
        }
      } catch (IOException e) {
        Pacing.pause(RECONNECT_DELAY); // the node may have ended, or hang
      }
    }
  }

  private void receive(ReceivedEvent event) {
    switch (event.type()) {
      case "hub.open" -> {
        if (lastId.isEmpty()) {
          saw.begin(event.lastEventId());
        }
      }
      case "hub.gap" -> saw.gap(event.data() + " after " + lastId);
      case "hub.auth", "hub.beat", "hub.drain", "hub.busy", "hub.stale" -> {
        // says nothing of events
      }
      default -> {
        Optional<Payload> payload = Payload.parse(event.data());
        if (payload.isEmpty()) {
          saw.damage(event.data().substring(0, Math.min(100, event.data().length())));
        } else if (payload.get().event().equals(last)) {
          complete = true;
        } else {
          saw.received(
              history.delivery(payload.get().event(), payload.get().topic(), event.lastEventId()));
        }
      }
    }
  }

  /** Whether it has received the last event of the run. */
  boolean complete() {
    return complete;
  }

  void close() throws IOException, InterruptedException {
    closed = true;
    EventStream open = stream;
    if (open != null) {
      open.close();
    }
    thread.join();
  }
}
