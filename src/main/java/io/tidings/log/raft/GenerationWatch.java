package io.tidings.log.raft;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Goes on to ask what {@link GenerationCheck} has asked once: on a busy machine no answer may have
 * come in time, or the recovered node may start at the same time as an old one. Only for a minute
 * after the start: a majority that runs for longer was not lost, and is not ended by a node that
 * was recovered by mistake. Called on the supervisor's thread; asks on one of its own.
 */
final class GenerationWatch {
  private static final System.Logger LOG = System.getLogger(GenerationWatch.class.getName());
  private static final long WATCH_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long ASK_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final RaftLog.Options options;
  private final CurrentVoters voters;
  private final Consumer<String> refused;
  private final EngineThread thread = new EngineThread("tidings-raft-generations");
  private final SingleFlight asking = new SingleFlight(thread);
  private final long begin = System.nanoTime();
  private long asked = begin;

  /**
   * @param refused told the reason why this node takes no part; on the thread that asks
   */
  GenerationWatch(RaftLog.Options options, CurrentVoters voters, Consumer<String> refused) {
    this.options = options;
    this.voters = voters;
    this.refused = refused;
  }

  /** Called many times a second. */
  void tick() {
    long now = System.nanoTime();
    if (now - begin < WATCH_NANOS && now - asked >= ASK_NANOS) {
      asked = now;
      asking.begin(this::ask);
    }
  }

  private void ask() {
    // new connections each time: one that was refused would not be tried again for a while
    try (var peers = new PeerGenerations(options.voters(), options.tls())) {
      GenerationCheck.refusal(options.voters(), peers.ask(voters.askable())).ifPresent(refused);
    } catch (IOException | RuntimeException e) {
      LOG.log(System.Logger.Level.DEBUG, "the others could not be asked; repeated", e);
    }
  }

  void end() {
    thread.end();
  }
}
