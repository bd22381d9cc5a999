package io.tidings.log.raft;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcFactory;
import org.apache.ratis.grpc.server.GrpcLogAppender;
import org.apache.ratis.grpc.server.GrpcServices;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.rpc.RpcFactory;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerRpc;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.raftlog.RaftLogIOException;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.util.Timestamp;

/**
 * Ratis' gRPC transport, with a leader that tells its followers at once what is committed. In Ratis
 * a follower learns of a commit with the next entry or heartbeat, hundreds of milliseconds later
 * when nothing follows. Named by its class in raft.rpc.type; made anew by Ratis, so what it shares
 * with the state machine comes by the parameters.
 */
public final class PushingGrpc implements RpcType {
  /** A follower that has answered within this time is there. */
  private static final long ANSWERS_MILLIS = 3_000;

  /** The time between two requests to a follower that say how far the listeners are. */
  private static final long LISTENERS_MILLIS = 1_000;

  /** The time between two notices to a follower whose next entry the log has no more. */
  private static final long LEFT_BEHIND_MILLIS = 200;

  /** The appenders of this node's leadership, one for each follower. Of any thread. */
  static final class Appenders {
    private static final String KEY = Appenders.class.getName();
    private final Set<PushingAppender> appenders = ConcurrentHashMap.newKeySet();
    private volatile RaftServerRpc rpc;

    void put(Parameters parameters) {
      parameters.put(KEY, this, Appenders.class);
    }

    private void add(PushingAppender appender) {
      appenders.removeIf(old -> !old.isRunning());
      appenders.add(appender);
    }

    /** The followers that are fed, with what the leader knows of them. */
    List<LeaderWatch.Follower> followers(long firstIndex) {
      return appenders.stream()
          .filter(PushingAppender::isRunning)
          .map(appender -> appender.follower(firstIndex))
          .toList();
    }

    private void use(RaftServerRpc newRpc) {
      rpc = newRpc;
    }

    /**
     * Connects to a voter anew. Attempts of gRPC become rare while it can't be reached, up to two
     * minutes apart, and a candidate has no other way to it.
     */
    void reconnect(RaftPeerId voter) {
      RaftServerRpc now = rpc;
      if (now != null) {
        now.handleException(voter, new IOException("no leader"), true);
      }
    }

    /**
     * Has the leader look whether nodes that are to be added have the log, or have gone. Ratis does
     * when such a node answers, or nothing is committed for a second: under load it would wait for
     * one that has gone for ever.
     */
    void checkAdded() {
      appenders.stream().filter(PushingAppender::isRunning).forEach(PushingAppender::checkAdded);
    }

    /** As {@link NodeVoters#abandon}. */
    void abandon(String added) {
      for (PushingAppender appender : appenders) {
        if (appender.getFollowerId().toString().equals(added)) {
          appender.abandon();
        }
      }
    }

    /** Has the leader count the listeners as added that are. */
    void countListeners() {
      appenders.stream().filter(PushingAppender::isRunning).forEach(PushingAppender::countListener);
    }

    /** Has every follower told that entries are committed up to this index. */
    void pushCommit(long index) {
      for (PushingAppender appender : appenders) {
        appender.pushCommit(index);
      }
    }
  }

  @Override
  public String name() {
    return getClass().getName();
  }

  @Override
  public RpcFactory newFactory(Parameters parameters) {
    return new Factory(parameters);
  }

  private static final class Factory extends GrpcFactory {
    private final Appenders appenders;

    private Factory(Parameters parameters) {
      super(parameters);
      appenders = parameters.getNonNull(Appenders.KEY, Appenders.class);
    }

    @Override
    public GrpcServices newRaftServerRpc(RaftServer server) {
      GrpcServices rpc = super.newRaftServerRpc(server);
      appenders.use(rpc);
      return rpc;
    }

    @Override
    public LogAppender newLogAppender(
        RaftServer.Division server, LeaderState state, FollowerInfo follower) {
      RatisReads.confirmEach(state); // made by the leader before it is asked
      var appender = new PushingAppender(server, state, follower);
      appenders.add(appender);
      return appender;
    }
  }

  /**
   * Sends a heartbeat, which carries the commit index, when no entry follows that would. It waits
   * until the follower has answered for all entries sent: a heartbeat before that has no previous
   * entry, from which the follower could conclude that its log is the leader's, and commits
   * nothing; the answer wakes the appender. Heartbeats share the stream of the entries
   * (raft.grpc.server.heartbeat.channel is false), so that they do not overtake an entry: that is
   * answered INCONSISTENCY, and the leader sends its entries again. LogAppender.triggerHeartbeat()
   * is not enough: what is triggered while a request is being made is forgotten.
   */
  private static final class PushingAppender extends GrpcLogAppender {

    /** Set by the state machine's thread. */
    private volatile long committed = RaftLog.INVALID_LOG_INDEX;

    /** What the follower could conclude from the requests made. Set by the appender's thread. */
    private volatile long told = RaftLog.INVALID_LOG_INDEX;

    /**
     * When the last heartbeat was made. A further one is pushed only after an answer: a follower
     * that has gone gets no storm.
     */
    private volatile Timestamp heartbeatTime = Timestamp.currentTime();

    /** When the follower was told last how far the listeners are. By the appender's thread. */
    private Timestamp listenersTime = Timestamp.currentTime();

    /** Nothing is sent any more, so that the leader takes the follower for one that has gone. */
    private volatile boolean abandoned;

    private PushingAppender(RaftServer.Division server, LeaderState state, FollowerInfo follower) {
      super(server, state, follower);
    }

    private void pushCommit(long index) {
      committed = index;
      notifyLogAppender();
    }

    private void checkAdded() {
      if (getLeaderState().isFollowerBootstrapping(getFollower())) {
        getLeaderState().onFollowerSuccessAppendEntries(getFollower()); // only looks
      }
    }

    /** Unless it was added meanwhile. */
    private void abandon() {
      abandoned = getLeaderState().isFollowerBootstrapping(getFollower()) && !isListener();
    }

    private boolean isListener() {
      return getServer().getRaftConf().getCurrentPeers(RaftPeerRole.LISTENER).stream()
          .anyMatch(listener -> listener.getId().equals(getFollowerId()));
    }

    private void countListener() {
      if (getLeaderState().isFollowerBootstrapping(getFollower()) && isListener()) {
        RatisListeners.count(getFollower());
      }
    }

    private LeaderWatch.Follower follower(long firstIndex) {
      FollowerInfo follower = getFollower();
      boolean answers =
          follower.getLastRpcResponseTime().elapsedTimeMs() < ANSWERS_MILLIS
              && follower.getNextIndex() >= firstIndex;
      return new LeaderWatch.Follower(follower.getId().toString(), match(), true, answers);
    }

    /** Less than it has had if it has begun anew. */
    private long match() {
      return Math.min(getFollower().getMatchIndex(), getFollower().getNextIndex() - 1);
    }

    /**
     * A follower that has less than it once had, since its disk was lost, is sent that again while
     * the log has it. Ratis would send it nothing until the next entry (RATIS-2523).
     */
    @Override
    protected long getNextIndexForInconsistency(long requestFirstIndex, long replyNextIndex) {
      boolean hasLess =
          replyNextIndex <= getFollower().getMatchIndex()
              && replyNextIndex >= getRaftLog().getStartIndex()
              && replyNextIndex != requestFirstIndex;
      return hasLess
          ? replyNextIndex
          : super.getNextIndexForInconsistency(requestFirstIndex, replyNextIndex);
    }

    /** Ratis does not wait at all before it tells a follower again that it was left behind. */
    @Override
    public long getWaitTimeMs() {
      boolean leftBehind = getFollower().getNextIndex() < getRaftLog().getStartIndex();
      return leftBehind || abandoned ? LEFT_BEHIND_MILLIS : super.getWaitTimeMs();
    }

    private boolean mustPush() {
      return told < committed
          && !hasAppendEntries()
          && !hasPendingDataRequests()
          && getFollower().getLastRpcResponseTime().compareTo(heartbeatTime) > 0;
    }

    @Override
    public long getHeartbeatWaitTimeMs() {
      return mustPush() ? 0 : super.getHeartbeatWaitTimeMs();
    }

    @Override
    public AppendEntriesRequestProto newAppendEntriesRequest(long callId, boolean heartbeat)
        throws RaftLogIOException {
      if (abandoned) {
        if (!isListener()) {
          return null;
        }
        abandoned = false; // it was added just before
      }
      AppendEntriesRequestProto request = super.newAppendEntriesRequest(callId, heartbeat);
      if (request != null && request.getEntriesCount() == 0) {
        heartbeatTime = Timestamp.currentTime();
      }
      if (request != null && request.hasPreviousLog()) {
        told =
            Math.max(
                told,
                Math.min(
                    request.getLeaderCommit(),
                    request.getPreviousLog().getIndex() + request.getEntriesCount()));
      }
      return request == null ? null : brief(request);
    }

    /**
     * Each request says how far each node is. With many listeners that is more than the entries, so
     * it is said of them now and then only.
     */
    private AppendEntriesRequestProto brief(AppendEntriesRequestProto request) {
      Collection<RaftPeer> listeners = getServer().getRaftConf().getAllPeers(RaftPeerRole.LISTENER);
      if (listeners.isEmpty()) {
        return request;
      } else if (listenersTime.elapsedTimeMs() >= LISTENERS_MILLIS) {
        listenersTime = Timestamp.currentTime();
        return request;
      }
      Set<ByteString> ids =
          listeners.stream().map(peer -> peer.getId().toByteString()).collect(Collectors.toSet());
      return request.toBuilder()
          .clearCommitInfos()
          .addAllCommitInfos(
              request.getCommitInfosList().stream()
                  .filter(info -> !ids.contains(info.getServer().getId()))
                  .toList())
          .build();
    }
  }
}
