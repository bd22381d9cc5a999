package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Event;
import io.tidings.event.Publication;
import io.tidings.log.Entry;
import io.tidings.log.LogUnavailable;
import io.tidings.log.OutcomeUnknown;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * A node publishes to leaders that lose, delay, repeat and reorder commands, change, and answer
 * falsely; its engine is started again and applies old commands again, or fetches the others' log
 * and never applies what is in it. Whatever happens: what is acknowledged is stored once, at the
 * offset that was answered; what is refused is not stored; what is unknown is stored once or never.
 */
class ProposerModelTest {
  private static final int RUNS = Integer.getInteger("tidings.faults.proposer", 2_000);
  private static final long PATIENCE = 200;

  @Test
  void whatWasAnsweredIsTrueWhateverLeadersDoToCommands() throws Exception {
    long first = System.nanoTime();
    for (long seed = first; seed < first + RUNS; seed++) {
      try {
        new Run(new Random(seed)).run();
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  private static final class Run implements Proposer.Router {
    private final Random random;
    private final Proposer proposer;
    private final Map<String, Future<List<Entry>>> answers = new TreeMap<>();
    private final Map<String, Long> stored = new TreeMap<>();
    private final List<Sent> network = new ArrayList<>();
    private final List<Command.Publish> raftLog = new ArrayList<>();
    private final Set<Long> origins = new HashSet<>();
    private ReplicatedState state = ReplicatedState.empty(7, 0, 0);
    private byte[] saved = state.encode();
    private int savedIndex;
    private Optional<String> leader = Optional.of("one");
    private long now = 1_000;
    private boolean calm;

    /** Whether this node is so far behind that it will fetch what the others apply. */
    private boolean behind;

    private record Sent(byte[] command, CompletableFuture<Void> answer) {}

    Run(Random random) {
      this.random = random;
      this.proposer =
          new Proposer(
              this,
              new Proposer.Limits(PATIENCE, 1 << 20, 5, random.nextInt(1_000)),
              this::origin,
              () -> now,
              n -> {});
    }

    private long origin() {
      origins.add(origins.size() + 1L);
      return origins.size();
    }

    @Override
    public Optional<String> leader() {
      return leader;
    }

    @Override
    public CompletableFuture<Void> submit(String to, byte[] command) {
      if (!calm && random.nextInt(10) == 0) {
        throw new IllegalStateException("can't be reached");
      }
      var sent = new Sent(command, new CompletableFuture<>());
      network.add(sent);
      return sent.answer;
    }

    void run() throws Exception {
      for (int step = 0; step < 200; step++) {
        step();
      }
      calm = true;
      fallBehind(false);
      if (leader.isEmpty() || random.nextBoolean()) {
        leader = Optional.of("last");
      }
      for (int i = 0; i < 1_000 && !(network.isEmpty() && allAnswered()); i++) {
        now += 5;
        proposer.send();
        proposer.expire();
        deliverAll();
      }
      check();
      assertTrue(isStoredInTurn("the last event"), "what is published now is not answered");
    }

    private boolean isStoredInTurn(String name) {
      now += 5;
      Future<List<Entry>> last = proposer.append(Publication.of(List.of(Event.of("a", name))));
      deliverAll();
      return last.succeeded() && last.result().get(0).offset() == stored.get(name);
    }

    private void deliverAll() {
      while (!network.isEmpty()) {
        deliver(network.remove(0), true);
      }
    }

    private void step() throws Exception {
      now += random.nextInt(10);
      switch (random.nextInt(9)) {
        case 0, 1, 2 -> publish();
        case 3, 4 -> fromNetwork();
        case 5 -> leader = Optional.of(random.nextBoolean() ? "one" : "two");
        case 6 -> proposer.send();
        case 7 -> proposer.expire();
        default -> rare();
      }
    }

    private void rare() throws Exception {
      switch (random.nextInt(6)) {
        case 0 -> leader = Optional.empty();
        case 1 -> now += random.nextInt(300);
        case 2 -> forgetOrigins();
        case 3 -> save();
        case 4 -> fallBehind(!behind);
        default -> restart();
      }
    }

    private void save() {
      saved = state.encode();
      savedIndex = raftLog.size();
    }

    private void fallBehind(boolean now) {
      behind = now;
      if (!behind) {
        save(); // what is fetched is what the engine is started with from now on
        proposer.fetched();
      }
    }

    private void publish() {
      for (int i = random.nextInt(4); i >= 0; i--) {
        String name = "event " + answers.size();
        answers.put(name, proposer.append(Publication.of(List.of(Event.of("a", name)))));
      }
    }

    /** Any of the commands on their way is lost, or arrives, and perhaps once more later. */
    private void fromNetwork() {
      if (network.isEmpty()) {
        return;
      }
      int which = random.nextInt(network.size());
      Sent sent = random.nextInt(6) == 0 ? network.get(which) : network.remove(which);
      if (random.nextInt(20) == 0) {
        return; // nobody hears of it
      }
      if (random.nextInt(5) == 0) {
        sent.answer.completeExceptionally(new IllegalStateException("no answer"));
      } else {
        deliver(sent, random.nextInt(4) > 0);
      }
    }

    private void deliver(Sent sent, boolean answered) {
      var command = (Command.Publish) Command.decode(sent.command);
      raftLog.add(command);
      apply(raftLog.size(), command);
      if (answered) {
        sent.answer.complete(null);
      }
    }

    private void apply(int index, Command.Publish command) {
      ReplicatedState.Applied applied = state.apply(index, command);
      for (var record : applied.records()) {
        String name = record.entry().event().data();
        Long before = stored.put(name, record.offset());
        assertTrue(before == null || before == record.offset(), name + " is stored twice");
      }
      if (!behind) {
        proposer.applied(index, command, applied.results());
      }
    }

    private void restart() throws Exception {
      state = ReplicatedState.decode(saved);
      for (int i = savedIndex; i < raftLog.size(); i++) {
        apply(i + 1, raftLog.get(i));
      }
    }

    /**
     * Other nodes have so many lives that the cluster forgets this one; its commands are gone, and
     * it fetches the log.
     */
    private void forgetOrigins() {
      if (random.nextInt(10) > 0) {
        return;
      }
      network.clear();
      for (long other = 1_000; other < 1_000 + OriginTable.MAX_ORIGINS; other++) {
        raftLog.add(new Command.Publish(0, other, 1, List.of(Publication.of(List.of()))));
        apply(raftLog.size(), raftLog.get(raftLog.size() - 1));
      }
      fallBehind(false);
      leader = Optional.of(leader.equals(Optional.of("one")) ? "two" : "one");
    }

    private boolean allAnswered() {
      return answers.values().stream().allMatch(Future::isComplete);
    }

    private void check() {
      answers.forEach(
          (name, answer) -> {
            assertTrue(answer.isComplete(), name + " has no answer");
            if (answer.succeeded()) {
              assertEquals(stored.get(name), answer.result().get(0).offset(), name);
            } else if (!(answer.cause() instanceof OutcomeUnknown)) {
              assertTrue(answer.cause() instanceof LogUnavailable, () -> "" + answer.cause());
              assertFalse(stored.containsKey(name), name + " was refused, and is stored");
            }
          });
    }
  }
}
