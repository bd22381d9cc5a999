package io.tidings.log.raft;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.proto.RaftProtos.RaftGroupIdProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.LeaderElectionManagementRequest;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.apache.ratis.util.LifeCycle;

/** One run of the Raft engine on this node. Thread-safe. */
final class RaftNode implements Closeable, StateSaver.PurgedLog {
  private static final long HAND_ON_MILLIS = 2_000;

  /**
   * An edge that has heard of the leader within this time has one; as long as an election takes.
   */
  private static final long FED_MILLIS = 1_500;

  private final RaftVoters voters;
  private final Duration patience;
  private final RaftServer server;
  private final RaftServer.Division division;
  private final PushingGrpc.Appenders appenders;
  private final ClientId client = ClientId.randomId();
  private final AtomicLong lastCall = new AtomicLong();
  private final NodeVoters nodeVoters;

  /** The index of the voters that are {@link UnheardChange assumed}. */
  private final OptionalLong assumed;

  private volatile boolean votesOnly;
  private final EngineThread submitter = new EngineThread("tidings-raft-submitter");

  private RaftNode(
      RaftLog.Options options,
      RaftServer server,
      PushingGrpc.Appenders appenders,
      OptionalLong assumed)
      throws IOException {
    this.assumed = assumed;
    this.voters = options.voters();
    this.patience = options.patience();
    this.server = server;
    this.division = server.getDivision(voters.groupId());
    this.appenders = appenders;
    this.nodeVoters = new NodeVoters(voters, server, division, appenders);
    if (assumed.isPresent()) {
      votesOnly = true;
      campaigns(false);
    }
  }

  /**
   * Starts the engine, which joins the other voters in the background. Blocks.
   *
   * @param options with the directory of the Raft log, which is created if it does not exist
   * @param initial the voters, if none are in the directory; none for a node that is to be added
   */
  static RaftNode start(RaftLog.Options options, List<String> initial, RaftStateMachine machine)
      throws IOException {
    RaftVoters voters = options.voters();
    Path directory = options.raftDirectory();
    OptionalLong assumed = StoredVoters.assumedIndex(options.groupDirectory());
    CopiedState.adopt(directory.resolve(voters.groupId().getUuid().toString()), voters.self());
    var appenders = new PushingGrpc.Appenders();
    Parameters parameters = RatisTls.parameters(options.tls());
    appenders.put(parameters);
    RaftServer server =
        RaftServer.newBuilder()
            .setServerId(voters.selfId())
            .setGroup(voters.group(initial))
            .setStateMachine(machine)
            .setProperties(properties(options, assumed.isPresent()))
            .setParameters(parameters)
            .setOption(RaftStorage.StartupOption.RECOVER)
            .build();
    try {
      server.start();
      if (voters.isEdge() && !server.getDivision(voters.groupId()).getInfo().isListener()) {
        throw new EdgeDirectory.Outside(voters.self());
      }
      return new RaftNode(options, server, appenders, assumed);
    } catch (IOException | RuntimeException | Error e) {
      server.close();
      throw e;
    }
  }

  private static RaftProperties properties(RaftLog.Options options, boolean votesOnly) {
    RaftProperties properties =
        RatisProperties.server(options.voters(), options.raftDirectory(), options.patience());
    if (votesOnly) {
      RatisProperties.delayFirstElection(properties); // until it is told to begin none
    }
    return properties;
  }

  /** Whether it votes, and is no candidate: its voters are {@link UnheardChange assumed}. */
  boolean votesOnly() {
    return votesOnly;
  }

  /** Whether a leader has put its own voters in the place of those that are assumed. */
  boolean knowsVoters() {
    return nodeVoters.configuration().index() != assumed.orElse(-1);
  }

  /**
   * Has it be a candidate again when there is no leader.
   *
   * @return false if it would be none, since it has waited for a leader for too long
   */
  boolean campaignAgain() throws IOException {
    if (division().getInfo().isCandidate()) {
      return false;
    }
    campaigns(true);
    votesOnly = false;
    return true;
  }

  private void campaigns(boolean does) throws IOException {
    server.leaderElectionManagement(
        does
            ? LeaderElectionManagementRequest.newResume(
                client, voters.selfId(), voters.groupId(), lastCall.incrementAndGet())
            : LeaderElectionManagementRequest.newPause(
                client, voters.selfId(), voters.groupId(), lastCall.incrementAndGet()));
  }

  /** Whether it answers those who ask for its vote. */
  boolean votes() throws IOException {
    return division().getInfo().getLifeCycleState() == LifeCycle.State.RUNNING;
  }

  /**
   * Submits a command at the leader, this node, in the order of the calls. Completes when it was
   * applied here, and fails after the time for which callers wait. A failure means that it is not
   * known whether it will be applied. Does not block: callers are event loops and the thread that
   * applies, and Ratis makes them wait until what was submitted before is in its log.
   */
  CompletableFuture<Void> submit(byte[] command) {
    var sent = new CompletableFuture<CompletableFuture<Void>>();
    boolean offered =
        submitter.offer(() -> sent.complete(send(command, RaftClientRequest.writeRequestType())));
    return offered
        ? sent.thenCompose(Function.<CompletableFuture<Void>>identity())
            .orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
        : CompletableFuture.failedFuture(new IllegalStateException("the run is over"));
  }

  /**
   * Completes when this node has applied everything that was committed before the call, anywhere;
   * fails if that can't be known in time. May block.
   */
  CompletableFuture<Void> caughtUp() {
    return send(new byte[0], RaftClientRequest.readRequestType());
  }

  /** Blocks until Ratis' one thread for requests has taken this one. */
  private CompletableFuture<Void> send(byte[] message, RaftClientRequest.Type type) {
    try {
      RaftClientRequest request =
          RaftClientRequest.newBuilder()
              .setClientId(client)
              .setServerId(voters.selfId())
              .setGroupId(voters.groupId())
              .setCallId(lastCall.incrementAndGet())
              .setMessage(Message.valueOf(UnsafeByteOperations.unsafeWrap(message)))
              .setType(type)
              .build();
      return server.submitClientRequestAsync(request).thenApply(RaftNode::requireSuccess);
    } catch (IOException | RuntimeException | Error e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  static Void requireSuccess(RaftClientReply reply) {
    if (!reply.isSuccess()) {
      throw new IllegalStateException(String.valueOf(reply.getException()), reply.getException());
    }
    return null;
  }

  /** Has the followers told that the command is committed. Without effect on a follower. */
  void pushCommit(long index) {
    appenders.pushCommit(index);
  }

  /** Connects to the other voters anew; called now and then while there is no leader. */
  void reconnect() {
    for (String voter : nodeVoters.configuration().all()) {
      if (!voter.equals(voters.self())) {
        appenders.reconnect(RaftPeerId.valueOf(voter));
      }
    }
  }

  /** The leader as this node knows it; this node only when it can take commands. */
  Optional<String> leader() {
    try {
      DivisionInfo info = division().getInfo();
      if (info.isLeader()) {
        return info.isLeaderReady() ? Optional.of(voters.self()) : Optional.empty();
      }
      return Optional.ofNullable(info.getLeaderId())
          .map(RaftPeerId::toString)
          .filter(leader -> !leader.equals(voters.self()))
          .filter(leader -> !voters.isEdge() || isFed(info));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** A listener of Ratis does not forget a leader from which it hears nothing. */
  private static boolean isFed(DivisionInfo info) {
    var leader = info.getRoleInfoProto().getFollowerInfo().getLeaderInfo();
    return leader.hasId() && leader.getLastRpcElapsedTimeMs() < FED_MILLIS;
  }

  /** The latest term that it knows; also once it is closed. */
  long term() {
    return division.getInfo().getCurrentTerm();
  }

  /** The highest index that is known to be committed. */
  long committed() throws IOException {
    return division().getRaftLog().getLastCommittedIndex();
  }

  /** The index of the last entry that was applied here. */
  long applied() throws IOException {
    return division().getInfo().getLastAppliedIndex();
  }

  /** The last index of the Raft log, or of the saved state if that is later. */
  long lastIndex() throws IOException {
    return division().getRaftLog().getNextIndex() - 1;
  }

  /** The first index that the Raft log has; 0 if that has its begin. */
  long firstIndex() throws IOException {
    long start = division().getRaftLog().getStartIndex();
    return start >= 0 ? start : division().getRaftLog().getNextIndex(); // it has no entry
  }

  /** The last index that this node may have acknowledged; also once it is closed. */
  long flushed() {
    return division.getRaftLog().getFlushIndex();
  }

  /** The voters, as this run knows them. */
  NodeVoters voters() {
    return nodeVoters;
  }

  @Override
  public long committedByAll() throws IOException {
    return nodeVoters.committedByAll();
  }

  @Override
  public void purge(long index) throws IOException {
    division().getRaftLog().purge(index);
  }

  /** Whether this node leads, be it that it can't take commands yet. */
  boolean leads() throws IOException {
    return division().getInfo().isLeader();
  }

  /**
   * Has another voter elected; it must have the whole log of this one. Ratis refuses that to a
   * leader that has not applied what was committed before its term, which one whose disk fails
   * never will: then the voter is asked to begin an election, as Ratis would.
   */
  CompletableFuture<Void> handOn(String successor) {
    try {
      if (!division().getInfo().isLeaderReady()) {
        StartLeaderElectionRequestProto request = election(successor);
        return CompletableFuture.runAsync(
            () -> startElection(request),
            task -> EngineThread.daemon(task, "tidings-raft-hand-on").start());
      }
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    }
    var request =
        new TransferLeadershipRequest(
            client,
            voters.selfId(),
            voters.groupId(),
            lastCall.incrementAndGet(),
            RaftPeerId.valueOf(successor),
            HAND_ON_MILLIS);
    try {
      return server.transferLeadershipAsync(request).thenApply(RaftNode::requireSuccess);
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private StartLeaderElectionRequestProto election(String candidate) throws IOException {
    TermIndex last = division().getRaftLog().getLastEntryTermIndex();
    if (last == null) {
      throw new IOException("the log is empty");
    }
    var parties =
        RaftRpcRequestProto.newBuilder()
            .setRequestorId(voters.selfId().toByteString())
            .setReplyId(RaftPeerId.valueOf(candidate).toByteString())
            .setRaftGroupId(RaftGroupIdProto.newBuilder().setId(voters.groupId().toByteString()));
    return StartLeaderElectionRequestProto.newBuilder()
        .setServerRequest(parties)
        .setLeaderLastEntry(last.toProto())
        .build();
  }

  private void startElection(StartLeaderElectionRequestProto request) {
    try {
      if (!server.getServerRpc().startLeaderElection(request).getServerReply().getSuccess()) {
        throw new IllegalStateException("the voter does not begin an election");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether the engine has not ended. */
  boolean alive() {
    try {
      LifeCycle.State state = division().getInfo().getLifeCycleState();
      return !state.isClosingOrClosed() && state != LifeCycle.State.EXCEPTION;
    } catch (IOException e) {
      return false;
    }
  }

  private RaftServer.Division division() throws IOException {
    return server.getDivision(voters.groupId());
  }

  /** Ends the engine; what it has not applied yet is left to the next run. */
  @Override
  public void close() throws IOException {
    submitter.end();
    RatisShutdown.stopApplying(division());
    server.close();
  }
}
