package io.tidings.log.raft;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A node that the others count as a voter, and that does not vote: the leader has ended in the
 * middle of a change, and Ratis gives no vote on a node that is to be added and has not heard of
 * it, nor on one that is to be removed once it has been a candidate. Without, the others may not
 * elect a leader. So the engine is started again with the voters that the others have told, and
 * only votes: it could not tell of which voters it needs a majority. It takes part as before when a
 * leader has told it. Confined to the supervisor's thread.
 */
final class UnheardChange {
  private static final System.Logger LOG = System.getLogger(UnheardChange.class.getName());
  private static final long ASK_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** A leader that lives has told this node of the change by then. */
  private static final long SILENT_NANOS = TimeUnit.SECONDS.toNanos(3);

  private final Path groupDirectory;
  private final CurrentVoters voters;
  private final LeaderRoute route;
  private final Consumer<String> restart;
  private long asked = System.nanoTime();

  /** The newest that another node has told since it was looked at; null if none has. Any thread. */
  private volatile ClusterFacts told;

  /** What is written before the engine is started next; null for nothing. */
  private byte[] assumed;

  /** When another node has said last that it has a leader. Any thread. */
  private volatile long led = System.nanoTime();

  /**
   * @param groupDirectory of the Raft log
   * @param restart starts the engine again, for a reason
   */
  UnheardChange(
      Path groupDirectory, CurrentVoters voters, LeaderRoute route, Consumer<String> restart) {
    this.groupDirectory = groupDirectory;
    this.voters = voters;
    this.route = route;
    this.restart = restart;
  }

  /** Before an engine starts: what was assumed in an earlier run does not count any more. */
  void prepare() throws IOException {
    if (StoredVoters.assumedIndex(groupDirectory).isPresent()) {
      Files.delete(StoredVoters.file(groupDirectory));
    }
    if (assumed != null) {
      byte[] contents = assumed;
      assumed = null; // if they can't be used, the next start is without
      DurableFiles.write(StoredVoters.file(groupDirectory), contents);
    }
  }

  /** Called many times a second. */
  void tick(EngineRun run) throws IOException {
    boolean votes = run.node().votes();
    boolean asks = !votes || run.node().votesOnly();
    if (voters.isEdge() || !asks || System.nanoTime() - asked < ASK_NANOS) {
      return;
    }
    asked = System.nanoTime();
    Optional<ClusterFacts> news = Optional.ofNullable(told);
    told = null;
    if (votes) {
      endIfOver(run.node(), news);
    } else if (news.isPresent() && run.idleNanos() > SILENT_NANOS && leaderless()) {
      voteIfCounted(run.node(), news.get());
    }
    ask();
  }

  /** A leader that others have would bring this node what it lacks. */
  private boolean leaderless() {
    return System.nanoTime() - led > SILENT_NANOS;
  }

  private void endIfOver(RaftNode node, Optional<ClusterFacts> news) throws IOException {
    boolean counts = node.voters().configuration().current().contains(voters.self());
    boolean removed =
        news.filter(facts -> facts.led() && !facts.changing())
            .filter(facts -> !facts.voters().contains(voters.self()))
            .isPresent();
    boolean stays = node.knowsVoters() && counts;
    if (removed || stays && !node.campaignAgain()) {
      restart.accept("the change of the voters is over");
    }
  }

  private void voteIfCounted(RaftNode node, ClusterFacts news) throws IOException {
    boolean older = news.index() < node.voters().configuration().index();
    if (older || !news.voters().contains(voters.self())) {
      return;
    }
    long behindAll = Math.max(news.index(), node.lastIndex() + 1);
    assumed = StoredVoters.assumed(behindAll, news.voters(), news.edges());
    restart.accept("the others count this node as a voter, and no leader has told it");
  }

  private void ask() {
    for (String voter : voters.askable()) {
      route
          .facts(voter)
          .thenAccept(answer -> answer.ifPresent(this::told))
          .exceptionally(
              failure -> {
                LOG.log(System.Logger.Level.DEBUG, voter + " is asked again", failure);
                return null;
              });
    }
  }

  private synchronized void told(ClusterFacts facts) {
    if (facts.led()) {
      led = System.nanoTime();
    }
    ClusterFacts known = told;
    if (facts.index() >= 0 && (known == null || facts.index() > known.index())) {
      told = facts;
    }
  }
}
