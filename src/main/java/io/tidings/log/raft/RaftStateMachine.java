package io.tidings.log.raft;

import io.tidings.log.raft.ReplicatedState.Applied;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;

/**
 * The replicated log as Ratis sees it: hands committed commands to the {@link Replica}, on Ratis'
 * thread for that. A snapshot of Ratis is a file with an encoded {@link ReplicatedState}; the
 * entries are in the node's own log.
 */
final class RaftStateMachine extends BaseStateMachine {
  private final SimpleStateMachineStorage storage = new SimpleStateMachineStorage();
  private final Replica replica;
  private final Path base;
  private final boolean trusted;
  private final InstantSource clock;
  private final Listener listener;

  /** Is told what happens; must not block, but for {@link #applied}. */
  interface Listener {
    /** A command was applied. On the thread that applies. */
    void applied(long index, int bytes, Command command, Applied result);

    /** A leader was found, or lost. */
    void leaderChanged();

    /** The server can't go on. */
    void failed(String reason, Throwable cause);

    /** Answers another node's request. */
    String answer(String request);
  }

  /**
   * @param base the file with the state with which the log begins; it exists if that is not empty
   * @param trusted whether everything in the files of the node's own log can be trusted
   */
  RaftStateMachine(
      Replica replica, Path base, boolean trusted, InstantSource clock, Listener listener) {
    this.replica = replica;
    this.base = base;
    this.trusted = trusted;
    this.clock = clock;
    this.listener = listener;
  }

  @Override
  public void initialize(RaftServer server, RaftGroupId group, RaftStorage raftStorage)
      throws IOException {
    super.initialize(server, group, raftStorage);
    storage.init(raftStorage);
    getLifeCycle().startAndTransition(this::load);
  }

  private void load() throws IOException {
    SingleFileSnapshotInfo snapshot = storage.loadLatestSnapshot();
    if (snapshot == null) {
      replica.load(
          Files.exists(base)
              ? ReplicatedState.decodeBase(Files.readAllBytes(base))
              : ReplicatedState.initial(),
          trusted);
      return;
    }
    byte[] saved = Files.readAllBytes(snapshot.getFile().getPath());
    replica.load(ReplicatedState.decode(saved), trusted);
    setLastAppliedTermIndex(snapshot.getTermIndex());
  }

  @Override
  public StateMachineStorage getStateMachineStorage() {
    return storage;
  }

  /** As {@link #getStateMachineStorage}. */
  SimpleStateMachineStorage storage() {
    return storage;
  }

  @Override
  public TransactionContext startTransaction(RaftClientRequest request) {
    byte[] command = request.getMessage().getContent().toByteArray();
    Command.setTime(command, clock.millis());
    return TransactionContext.newBuilder()
        .setStateMachine(this)
        .setClientRequest(request)
        .setLogData(UnsafeByteOperations.unsafeWrap(command))
        .build();
  }

  @Override
  public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
    LogEntryProto entry = transaction.getLogEntry();
    ByteString data = entry.getStateMachineLogEntry().getLogData();
    try {
      Command command = Command.decode(data.toByteArray());
      Applied applied = replica.apply(entry.getTerm(), entry.getIndex(), command);
      updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
      listener.applied(entry.getIndex(), data.size(), command, applied);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the log was closed while a command was applied", e);
    } catch (RuntimeException e) {
      listener.failed("a command can't be applied: " + e.getMessage(), e);
      throw e;
    }
    return CompletableFuture.completedFuture(Message.EMPTY);
  }

  @Override
  public CompletableFuture<Message> query(Message request) {
    return CompletableFuture.completedFuture(Message.EMPTY);
  }

  @Override
  public CompletableFuture<Message> queryStale(Message request, long minIndex) {
    String answer = listener.answer(request.getContent().toStringUtf8());
    return CompletableFuture.completedFuture(Message.valueOf(answer));
  }

  @Override
  public void notifyLeaderChanged(RaftGroupMemberId self, RaftPeerId leader) {
    listener.leaderChanged();
  }

  @Override
  public void notifyLeaderReady() {
    listener.leaderChanged();
  }

  @Override
  public void notifyLogFailed(Throwable cause, LogEntryProto failed) {
    listener.failed("the Raft log can't be written", cause);
  }

  @Override
  public CompletableFuture<TermIndex> notifyInstallSnapshotFromLeader(
      RoleInfoProto role, TermIndex first) {
    listener.failed(
        "this node was away for so long that the others have no log for it any more; copy the directory of another voter (docs/cluster.md)",
        null);
    return CompletableFuture.completedFuture(null);
  }
}
