package raft;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.proto.RaftProtos.CommitInfoProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.apache.ratis.util.MD5FileUtil;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/** Apache Ratis with gRPC; commits are pushed to the followers. */
final class RatisConsensus implements Consensus {
  private static final RaftGroupId GROUP = RaftGroupId.valueOf(UUID.nameUUIDFromBytes("tidings".getBytes(StandardCharsets.UTF_8)));

  /** Elections begin after this time without the leader, or up to twice as long. */
  private static final int ELECTION_MILLIS = 600;

  private final PushingGrpc.Appenders appenders = new PushingGrpc.Appenders();
  private final ClientId client = ClientId.randomId();
  private final AtomicLong lastCall = new AtomicLong();
  private RaftServer server;
  private String id;

  @Override
  public void start(String id, List<Peer> peers, Path directory, StateMachine machine) throws IOException {
    this.id = id;
    List<RaftPeer> raftPeers = peers.stream().map(peer -> RaftPeer.newBuilder().setId(peer.id()).setAddress(peer.host() + ":" + peer.port()).build()).toList();
    var parameters = new Parameters();
    appenders.put(parameters);
    Peer self = peers.stream().filter(peer -> peer.id().equals(id)).findAny().orElseThrow();
    server = RaftServer.newBuilder()
        .setServerId(raftPeers.get(peers.indexOf(self)).getId())
        .setGroup(RaftGroup.valueOf(GROUP, raftPeers))
        .setStateMachine(new Adapter(machine))
        .setProperties(properties(self, directory))
        .setParameters(parameters)
        .setOption(RaftStorage.StartupOption.RECOVER)
        .build();
    server.start();
  }

  private static RaftProperties properties(Peer self, Path directory) {
    var properties = new RaftProperties();
    properties.set("raft.rpc.type", PushingGrpc.class.getName());
    GrpcConfigKeys.Server.setHost(properties, self.host());
    GrpcConfigKeys.Server.setPort(properties, self.port());
    // one stream for entries and heartbeats: see PushingGrpc
    GrpcConfigKeys.Server.setHeartbeatChannel(properties, false);
    GrpcConfigKeys.Server.setLeaderOutstandingAppendsMax(properties, Integer.getInteger("ratis.appends", 8));
    GrpcConfigKeys.setMessageSizeMax(properties, SizeInBytes.valueOf("8MB"));

    RaftServerConfigKeys.setStorageDir(properties, List.of(directory.toFile()));
    RaftServerConfigKeys.Rpc.setTimeoutMin(properties, millis(ELECTION_MILLIS));
    RaftServerConfigKeys.Rpc.setTimeoutMax(properties, millis(2 * ELECTION_MILLIS));
    // a pause is not a reason to end the server for good (the default: 60 s)
    RaftServerConfigKeys.setCloseThreshold(properties, TimeDuration.valueOf(24, TimeUnit.HOURS));
    RaftServerConfigKeys.Write.setByteLimit(properties, SizeInBytes.valueOf("16MB"));

    // flushed before it counts: neither unsafe-flush nor async-flush
    RaftServerConfigKeys.Log.setLogMetadataEnabled(properties, false);
    RaftServerConfigKeys.Log.Appender.setWaitTimeMin(properties, millis(0));
    RaftServerConfigKeys.Log.Appender.setInstallSnapshotEnabled(properties, false);
    // the default waits 5 s after some failures, which a follower that is back would have to wait
    RaftServerConfigKeys.Log.Appender.setRetryPolicy(properties, "1ms,10, 200ms,1000000");
    RaftServerConfigKeys.Log.Appender.setBufferByteLimit(properties, SizeInBytes.valueOf("2MB"));
    RaftServerConfigKeys.Log.setWriteBufferSize(properties, SizeInBytes.valueOf("4MB"));
    RaftServerConfigKeys.Log.setQueueByteLimit(properties, SizeInBytes.valueOf("8MB"));
    RaftServerConfigKeys.Log.setSegmentSizeMax(properties, SizeInBytes.valueOf("8MB"));
    RaftServerConfigKeys.Log.setSegmentCacheNumMax(properties, 2);
    RaftServerConfigKeys.Log.setSegmentCacheSizeMax(properties, SizeInBytes.valueOf("24MB"));
    // see takeSnapshot; files for a node too far behind are not part of the trial
    RaftServerConfigKeys.Log.setPurgeUptoSnapshotIndex(properties, true);
    RaftServerConfigKeys.Log.setPurgeGap(properties, Integer.getInteger("ratis.purge", 1_000));
    RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(properties, true);
    RaftServerConfigKeys.Snapshot.setAutoTriggerThreshold(properties, Integer.getInteger("ratis.snapshot", 4_000));
    return properties;
  }

  private static TimeDuration millis(long millis) {
    return TimeDuration.valueOf(millis, TimeUnit.MILLISECONDS);
  }

  @Override
  public CompletableFuture<Void> submit(byte[] command) {
    RaftClientRequest request = RaftClientRequest.newBuilder()
        .setClientId(client)
        .setServerId(server.getId())
        .setGroupId(GROUP)
        .setCallId(lastCall.incrementAndGet())
        .setMessage(Message.valueOf(UnsafeByteOperations.unsafeWrap(command)))
        .setType(RaftClientRequest.writeRequestType())
        .build();
    try {
      return server.submitClientRequestAsync(request).thenApply(RatisConsensus::requireSuccess);
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static Void requireSuccess(RaftClientReply reply) {
    if (!reply.isSuccess()) {
      throw new IllegalStateException("not known to be committed", reply.getException());
    }
    return null;
  }

  @Override
  public Optional<String> leader() {
    try {
      RaftServer.Division division = server.getDivision(GROUP);
      if (division.getInfo().isLeader()) {
        return division.getInfo().isLeaderReady() ? Optional.of(id) : Optional.empty();
      }
      return Optional.ofNullable(division.getInfo().getLeaderId()).map(Object::toString).filter(leader -> !leader.equals(id));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }

  /**
   * The state machine as Ratis sees it. Its snapshot is an empty file, named by term and index: the state is in files of its own, which
   * contain at least everything up to there. apply and takeSnapshot are called by the StateMachineUpdater, one thread.
   */
  private final class Adapter extends BaseStateMachine {
    private final SimpleStateMachineStorage storage = new SimpleStateMachineStorage();
    private final StateMachine machine;

    private Adapter(StateMachine machine) {
      this.machine = machine;
    }

    @Override
    public void initialize(RaftServer server, RaftGroupId group, RaftStorage raftStorage) throws IOException {
      super.initialize(server, group, raftStorage);
      storage.init(raftStorage);
      getLifeCycle().startAndTransition(this::load);
    }

    @Override
    public void reinitialize() throws IOException {
      load();
    }

    private void load() throws IOException {
      SingleFileSnapshotInfo snapshot = storage.loadLatestSnapshot();
      if (snapshot != null) {
        setLastAppliedTermIndex(snapshot.getTermIndex());
      }
    }

    @Override
    public StateMachineStorage getStateMachineStorage() {
      return storage;
    }

    @Override
    public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
      LogEntryProto entry = transaction.getLogEntry();
      try {
        ByteBuffer command = entry.getStateMachineLogEntry().getLogData().asReadOnlyByteBuffer();
        machine.apply(entry.getIndex(), command);
      } catch (IOException e) {
        // the server ends, and does not go on with a hole in its state
        throw new UncheckedIOException(e);
      }
      updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
      appenders.pushCommit(entry.getIndex()); // without effect on a follower
      return CompletableFuture.completedFuture(Message.EMPTY);
    }

    /**
     * Nothing is flushed here: the thread that applies must not wait for a disk. The log is purged up to the index, which stays below
     * what every member has committed: the entry before a follower's next one must be there, or the leader's appender to it ends with
     * an exception and is not started again (RATIS-2487, RATIS-2499). Ratis' own bound, the lowest commit itself, purges that entry
     * when a segment ends with it, as one does where the term changes.
     */
    @Override
    public long takeSnapshot() throws IOException {
      RaftServer.Division division = server.getDivision(GROUP);
      // after a restart the state is ahead of what Ratis has applied again
      long index = Math.min(machine.durable(), getLastAppliedTermIndex().getIndex());
      for (CommitInfoProto member : division.getCommitInfos()) {
        index = Math.min(index, member.getCommitIndex() - 1);
      }
      TermIndex upTo = index < 0 ? null : division.getRaftLog().getTermIndex(index);
      SingleFileSnapshotInfo latest = storage.getLatestSnapshot();
      if (upTo == null || latest != null && latest.getIndex() >= index) {
        return latest == null ? RaftLog.INVALID_LOG_INDEX : latest.getIndex();
      }
      Path file = storage.getSnapshotFile(upTo.getTerm(), upTo.getIndex()).toPath();
      Files.write(file, new byte[0]);
      var hash = MD5FileUtil.computeAndSaveMd5ForFile(file.toFile());
      storage.updateLatestSnapshot(new SingleFileSnapshotInfo(new FileInfo(file, hash), upTo));
      return upTo.getIndex();
    }
  }
}
