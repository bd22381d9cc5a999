package io.tidings.log.raft;

import io.tidings.log.raft.ReplicatedState.Applied;
import io.vertx.core.Future;
import java.io.IOException;
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
  private final InstantSource clock;
  private final Listener listener;
  private volatile boolean ended;

  /** Is told what happens; must not block, but for {@link #applied}. */
  interface Listener {
    /** A command was applied. On the thread that applies. */
    void applied(long index, int bytes, Command command, Applied result);

    /** A leader was found, or lost. */
    void leaderChanged();

    /** The server can't go on; it may after it was started again. */
    void failed(String reason, Throwable cause);

    /** The server can't go on, however often it is started again. */
    void ended(String reason, Throwable cause);

    /** The other voters have no log for this one any more. */
    void leftBehind();

    /**
     * The state is about to be used with which the run begins.
     *
     * @throws IOException if it must not
     */
    default void loading(ReplicatedState state) throws IOException {}

    /** Answers another node's request. */
    Future<String> answer(String request);

    /** Answers a node that fetches the log. */
    Future<byte[]> serve(String request);
  }

  /**
   * @param base the file with the state with which the log begins; it exists if that is not empty
   */
  RaftStateMachine(Replica replica, Path base, InstantSource clock, Listener listener) {
    this.replica = replica;
    this.base = base;
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

  /**
   * Has the commands discarded that are committed from now on: the server is being closed, and
   * Ratis waits until it has applied all. They are applied by its next run.
   */
  void end() {
    ended = true;
  }

  private void load() throws IOException {
    SingleFileSnapshotInfo snapshot = storage.loadLatestSnapshot();
    if (snapshot == null) {
      requireNoState();
      load(ClusterBase.read(base).orElseGet(ReplicatedState::initial));
      return;
    }
    TermIndex position = snapshot.getTermIndex();
    Path file = snapshot.getFile().getPath();
    load(
        ReplicatedState.decode(
            new StateFile(file, position.getTerm(), position.getIndex()).read()));
    setLastAppliedTermIndex(position);
  }

  private void load(ReplicatedState state) throws IOException {
    listener.loading(state);
    replica.load(state);
  }

  /** A state that can't be read is not the same as none: its commands may have been purged. */
  private void requireNoState() throws IOException {
    Path directory = storage.getSnapshotFile(0, 0).toPath().getParent();
    if (!StateFile.newestFirst(directory).isEmpty()) {
      throw new IOException("no state in " + directory + " can be read");
    }
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
    if (ended) {
      return CompletableFuture.completedFuture(Message.EMPTY);
    }
    LogEntryProto entry = transaction.getLogEntry();
    ByteString data = entry.getStateMachineLogEntry().getLogData();
    try {
      Command command = Command.decode(data.toByteArray());
      Applied applied = replica.apply(entry.getTerm(), entry.getIndex(), command);
      updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
      listener.applied(entry.getIndex(), data.size(), command, applied);
    } catch (InterruptedException e) {
      ended = true; // this command and those after it are applied by the next run
    } catch (Command.UnknownCommand | ReplicatedState.OtherBase e) {
      listener.ended(e.getMessage(), e);
      throw e;
    } catch (RuntimeException e) {
      listener.failed("a command can't be applied: " + e.getMessage(), e);
      throw e;
    }
    return CompletableFuture.completedFuture(Message.EMPTY);
  }

  /**
   * Answers a read, for which Ratis has waited until what was committed before it was applied. At
   * the end of the run commands count as applied that were left to the next one: then nobody may
   * rely on this node's copy.
   */
  @Override
  public CompletableFuture<Message> query(Message request) {
    return ended
        ? CompletableFuture.failedFuture(new IllegalStateException("the run is over"))
        : CompletableFuture.completedFuture(Message.EMPTY);
  }

  @Override
  public CompletableFuture<Message> queryStale(Message request, long minIndex) {
    String text = request.getContent().toStringUtf8();
    Future<Message> answer =
        FetchRequest.isOne(text)
            ? listener.serve(text).map(RaftStateMachine::message)
            : listener.answer(text).map(Message::valueOf);
    return answer.toCompletionStage().toCompletableFuture();
  }

  private static Message message(byte[] bytes) {
    return Message.valueOf(UnsafeByteOperations.unsafeWrap(bytes));
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

  /** Told to a node that is to be added in any case, also if the leader has all that it needs. */
  @Override
  public CompletableFuture<TermIndex> notifyInstallSnapshotFromLeader(
      RoleInfoProto role, TermIndex first) {
    if (first.getIndex() > getLastAppliedTermIndex().getIndex() + 1) {
      listener.leftBehind();
    }
    return CompletableFuture.completedFuture(null);
  }
}
