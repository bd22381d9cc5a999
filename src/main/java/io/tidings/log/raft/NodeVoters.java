package io.tidings.log.raft;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.proto.RaftProtos.CommitInfoProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;

/** The voters as one run of the engine knows them, and their change by a leader. Thread-safe. */
final class NodeVoters {
  private final RaftVoters voters;
  private final RaftServer server;
  private final RaftServer.Division division;
  private final PushingGrpc.Appenders appenders;
  private final ClientId client = ClientId.randomId();
  private final AtomicLong lastCall = new AtomicLong();

  NodeVoters(
      RaftVoters voters,
      RaftServer server,
      RaftServer.Division division,
      PushingGrpc.Appenders appenders) {
    this.voters = voters;
    this.server = server;
    this.division = division;
    this.appenders = appenders;
  }

  /** The index that every voter has committed; -1 if that is not known of one of them. */
  long committedByAll() throws IOException {
    Map<String, Long> known = commits();
    List<String> all = configuration().all();
    if (!known.keySet().containsAll(all)) {
      return -1;
    }
    long lowest = Long.MAX_VALUE;
    for (String voter : all) {
      lowest = Math.min(lowest, known.get(voter));
    }
    for (LeaderWatch.Follower fed : appenders.followers(division.getRaftLog().getStartIndex())) {
      lowest = all.contains(fed.id()) ? lowest : Math.min(lowest, fed.match()); // to be added
    }
    return lowest;
  }

  /** The committed index of each node, as far as this node knows; also of former voters. */
  Map<String, Long> commits() throws IOException {
    var known = new HashMap<String, Long>();
    for (CommitInfoProto voter : division.getCommitInfos()) {
      known.put(voter.getServer().getId().toStringUtf8(), voter.getCommitIndex());
    }
    return known;
  }

  /** The voters by the newest configuration in the Raft log, be it committed or not. */
  VoterConfiguration configuration() {
    RaftConfiguration now = division.getRaftConf();
    return new VoterConfiguration(
        ids(now.getCurrentPeers()), ids(now.getPreviousPeers()), now.getLogEntryIndex());
  }

  private static List<String> ids(Collection<RaftPeer> peers) {
    return peers.stream().map(peer -> peer.getId().toString()).sorted().toList();
  }

  /**
   * Has the leader, this node, change the voters by joint consensus, if they are what the caller
   * knows. Completes when the change is committed; fails at once if a new voter stops answering
   * before it has the log.
   */
  CompletableFuture<Void> change(List<String> from, List<String> to) {
    var arguments =
        SetConfigurationRequest.Arguments.newBuilder()
            .setMode(SetConfigurationRequest.Mode.COMPARE_AND_SET)
            .setServersInCurrentConf(RaftVoters.peers(from))
            .setServersInNewConf(RaftVoters.peers(to))
            .build();
    var request =
        new SetConfigurationRequest(
            client, voters.selfId(), voters.groupId(), lastCall.incrementAndGet(), arguments);
    try {
      return server.setConfigurationAsync(request).thenApply(RaftNode::requireSuccess);
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** On a leader: a change ends when a new node has gone; to be called again and again. */
  void checkAdded() {
    appenders.checkAdded();
  }

  /** The other voters, as this leader sees them; without nodes that are to be added. */
  List<LeaderWatch.Follower> followers() throws IOException {
    List<String> all = configuration().all();
    List<LeaderWatch.Follower> fed =
        appenders.followers(division.getRaftLog().getStartIndex()).stream()
            .filter(one -> all.contains(one.id()))
            .toList();
    var followers = new ArrayList<>(fed);
    for (String voter : all) {
      if (!voter.equals(voters.self()) && fed.stream().noneMatch(one -> one.id().equals(voter))) {
        followers.add(new LeaderWatch.Follower(voter, -1, false, false));
      }
    }
    return followers;
  }
}
