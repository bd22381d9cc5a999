package io.tidings.log.raft;

import io.tidings.event.Position;
import io.tidings.log.LocalLog;
import io.tidings.tls.NodeCertificates;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.server.protocol.TermIndex;

/**
 * Makes the log of one node the begin of a new cluster, whose only voter is this node, after the
 * majority of its cluster was lost for good.
 *
 * <ul>
 *   <li>The log keeps all that the node has applied, and after that what its Raft log has: events
 *       whose publishers may have got an answer that the others gave.
 *   <li>It gets a new epoch. Ids of the old one stay valid up to what was applied, and so was
 *       committed; a client that was further gets a gap.
 *   <li>The new cluster is another {@link ClusterGeneration}, so that no node with data of the old
 *       one can take part, nor lead it.
 * </ul>
 *
 * <p>Each step can be repeated, and the first one, {@link RecoveryPlan}, lets no node start before
 * the last: after a crash the recovery is done again. One thread; blocks.
 */
public final class ClusterRecovery {
  private static final String KEPT = "raft-before-recovery";

  private final RaftVoters voters;
  private final Path directory;
  private final RecoverableLog local;
  private final InstantSource clock;
  private final Path raftDirectory;

  /** Called before each step; tests end the process there. */
  private final Runnable beforeStep;

  /**
   * What was found.
   *
   * @param voters of the old cluster, as far as this node knows
   * @param answering those of them that run, without this one
   * @param votes whether this node is a voter of it; an edge is not
   * @param last the offset of the newest event that this node has applied
   */
  public record Survey(
      List<String> voters, List<String> answering, boolean votes, long epoch, long last) {
    /** Whether those that answer are a majority, together with this node if it votes. */
    public boolean majority() {
      return 2 * (answering.size() + (votes ? 1 : 0)) > voters.size();
    }
  }

  /**
   * What was done.
   *
   * @param common the last position that clients of the old cluster can resume from
   * @param last the newest position
   * @param damage what of the Raft log could not be read, in one line
   * @param kept the directory with the old Raft log
   */
  public record Result(Position common, Position last, Optional<String> damage, Path kept) {}

  /**
   * @param voters this node and its cluster
   * @param directory of the log
   * @param local the log
   */
  public ClusterRecovery(
      RaftVoters voters, Path directory, RecoverableLog local, InstantSource clock) {
    this(voters, directory, local, clock, () -> {});
  }

  ClusterRecovery(
      RaftVoters voters,
      Path directory,
      RecoverableLog local,
      InstantSource clock,
      Runnable beforeStep) {
    this.voters = voters;
    this.directory = directory;
    this.local = local;
    this.clock = clock;
    this.raftDirectory = RaftLog.base(directory).getParent();
    this.beforeStep = beforeStep;
  }

  /**
   * Asks the other voters.
   *
   * @throws IOException with a message of one line, if this node can't be recovered
   */
  public Survey survey(Optional<NodeCertificates> tls) throws IOException {
    Position end = local.end();
    long generation = own();
    List<String> stored = StoredVoters.of(group(generation));
    List<String> old = stored.isEmpty() ? voters.all() : stored;
    List<String> others = old.stream().filter(voter -> !voter.equals(voters.self())).toList();
    Map<String, Long> known;
    try (var peers = new PeerGenerations(voters, tls)) {
      peers.warmUp();
      known = peers.ask(others);
    }
    Optional<String> refusal = GenerationCheck.refusal(voters.in(generation), known);
    if (refusal.isPresent()) {
      throw new IOException(refusal.get());
    }
    List<String> answering =
        known.entrySet().stream()
            .filter(other -> other.getValue() == generation)
            .map(Map.Entry::getKey)
            .toList();
    boolean votes = !EdgeDirectory.isMarked(raftDirectory);
    return new Survey(old, answering, votes, end.epoch(), end.offset());
  }

  private Optional<RecoveryPlan> planned() throws IOException {
    return RecoveryPlan.read(raftDirectory);
  }

  private long own() throws IOException {
    return planned().isPresent()
        ? planned().get().oldGeneration()
        : ClusterGeneration.stored(raftDirectory, voters.cluster())
            .orElseThrow(
                () ->
                    new IOException(
                        "has no Raft log of the cluster "
                            + voters.cluster()
                            + ": it is not a node's, or cluster.name is another"));
  }

  private Path group(long generation) {
    return raftDirectory.resolve(ClusterGeneration.group(voters.cluster(), generation).toString());
  }

  /**
   * Recovers it.
   *
   * @throws IOException with a message of one line; then it can be repeated
   */
  public Result run() throws IOException {
    local.end(); // before anything is changed
    try (var alone = RecoveryLock.acquire(raftDirectory)) {
      return recover();
    }
  }

  private Result recover() throws IOException {
    beforeStep.run();
    RecoveryPlan plan = plan();
    Path kept = kept(plan);
    Optional<String> damage = Optional.empty();
    if (local.end().epoch() != plan.newEpoch()) {
      beforeStep.run();
      var replay = new Replay(plan);
      damage = replay.run();
      beforeStep.run();
      replay.writeGroup();
      beforeStep.run();
      local.begin(plan.newEpoch(), plan.last());
    }
    beforeStep.run();
    setAside(group(plan.oldGeneration()), kept);
    setAside(RaftLog.base(directory), kept);
    beforeStep.run();
    EdgeDirectory.becomesVoter(raftDirectory);
    RecoveryPlan.delete(raftDirectory);
    Position end = local.end();
    return new Result(plan.last(), end, damage, kept);
  }

  private RecoveryPlan plan() throws IOException {
    Optional<RecoveryPlan> begun = planned();
    if (begun.isPresent()) {
      return begun.get();
    }
    var random = new SecureRandom();
    long generation = own();
    // it belongs to the old cluster; otherwise the new one would begin by installing it
    StateInstall.installDecided(group(generation), local.fetched());
    local.fetched().clear();
    Position end = local.end();
    var plan =
        new RecoveryPlan(
            end.epoch(),
            Position.newEpoch(),
            generation,
            ClusterGeneration.next(clock.instant(), random.nextLong()),
            end.offset());
    plan.write(raftDirectory);
    return plan;
  }

  private Path kept(RecoveryPlan plan) {
    String time = String.valueOf(plan.newGeneration());
    return directory.resolve(KEPT + "-" + time);
  }

  /** Out of the directory in which Ratis would start it. */
  private void setAside(Path file, Path kept) throws IOException {
    if (Files.exists(file)) {
      Files.createDirectories(kept);
      Files.move(file, kept.resolve(file.getFileName()), StandardCopyOption.ATOMIC_MOVE);
      DurableFiles.forceNames(kept);
      DurableFiles.forceNames(directory);
      DurableFiles.forceNames(raftDirectory);
    }
  }

  /** Applies what the Raft log has beyond the saved state. */
  private final class Replay {
    private final RecoveryPlan plan;
    private TermIndex last;
    private ReplicatedState state;

    Replay(RecoveryPlan plan) {
      this.plan = plan;
    }

    Optional<String> run() throws IOException {
      Path old = group(plan.oldGeneration());
      Optional<SavedState> saved = SavedState.newest(old.resolve("sm"));
      last = saved.map(SavedState::position).orElse(TermIndex.valueOf(0, -1));
      var raftLog = new RaftLogFiles(old);
      Optional<String> damage = raftLog.read(last.getIndex() + 1, entry -> {});
      var replica = new Replica(damage.isEmpty() ? local : this::openWhole, new Refusal());
      try {
        replica.load(saved.isPresent() ? saved.get().state() : begin());
        raftLog.read(last.getIndex() + 1, entry -> apply(replica, entry));
        LocalLog log =
            replica.log().orElseThrow(() -> new IOException("the cluster's log has not begun"));
        log.force();
        state = replica.state().recovered(plan.newEpoch(), log.last() + 1);
        return damage;
      } catch (IllegalStateException | Command.UnknownCommand e) {
        throw new IOException(e.getMessage(), e);
      } finally {
        replica.close();
      }
    }

    /** What was applied stays, if the Raft log does not have it any more. */
    private LocalLog openWhole(long epoch, long trustedUpTo) throws IOException {
      return local.open(epoch, Math.max(trustedUpTo, plan.common()));
    }

    private ReplicatedState begin() throws IOException {
      return ClusterBase.read(RaftLog.base(directory)).orElseGet(ReplicatedState::initial);
    }

    private void apply(Replica replica, LogEntryProto entry) {
      if (entry.hasStateMachineLogEntry()) {
        byte[] bytes = entry.getStateMachineLogEntry().getLogData().toByteArray();
        try {
          replica.apply(entry.getTerm(), entry.getIndex(), Command.decode(bytes));
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new UncheckedIOException(new InterruptedIOException("interrupted"));
        }
      }
      last = TermIndex.valueOf(entry.getTerm(), entry.getIndex());
    }

    /** The group of the new cluster: the state, and this node as the only voter. */
    void writeGroup() throws IOException {
      Path group = group(plan.newGeneration());
      Path unfinished = group.resolveSibling("new.unfinished");
      DurableFiles.deleteAll(unfinished);
      DurableFiles.deleteAll(group);
      Path current = Files.createDirectories(unfinished.resolve("current"));
      Path states = Files.createDirectories(unfinished.resolve("sm"));
      StateFile.in(states, last.getTerm(), last.getIndex()).write(state.encode());
      DurableFiles.write(
          StoredVoters.file(unfinished),
          StoredVoters.alone(last.getTerm(), last.getIndex(), voters.self()));
      new VoteFile(current).writeOwn(last.getTerm(), voters.self());
      DurableFiles.forceNames(unfinished);
      Files.move(unfinished, group, StandardCopyOption.ATOMIC_MOVE);
      DurableFiles.forceNames(raftDirectory);
    }
  }

  /** A disk that refuses ends the recovery. */
  private static final class Refusal implements CommandApplier.WriteRetry {
    @Override
    public void await(IOException cause) {
      throw new UncheckedIOException(cause);
    }

    @Override
    public void recovered() {
      throw new IllegalStateException("nothing is tried again");
    }
  }
}
