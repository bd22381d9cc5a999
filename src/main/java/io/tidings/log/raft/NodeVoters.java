package io.tidings.log.raft;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.CommitInfoProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;

/**
 * The voters and the edges as one run of the engine knows them, and their change by a leader.
 * Thread-safe.
 */
final class NodeVoters {
  private static final long SETTLE_MILLIS = 3_000;
  private static final long LOOK_MILLIS = 20;

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

  /**
   * The index that every voter and every edge has committed; -1 if that is not known of one of
   * them. Nobody needs the Raft log of an edge.
   */
  long committedByAll() throws IOException {
    if (voters.isEdge()) {
      return Long.MAX_VALUE;
    }
    Map<String, Long> known = commits();
    VoterConfiguration now = configuration();
    List<String> all = Stream.concat(now.all().stream(), now.edges().stream()).toList();
    if (!known.keySet().containsAll(all)) {
      return -1;
    }
    long lowest = Long.MAX_VALUE;
    for (String node : all) {
      lowest = Math.min(lowest, known.get(node));
    }
    for (LeaderWatch.Follower fed : fed()) {
      // those to be added, and edges, which may have been emptied since they committed something
      lowest = now.all().contains(fed.id()) ? lowest : Math.min(lowest, fed.match());
    }
    return lowest;
  }

  private List<LeaderWatch.Follower> fed() {
    return appenders.followers(division.getRaftLog().getStartIndex());
  }

  /** The committed index of each node, as far as this node knows; also of former ones. */
  Map<String, Long> commits() throws IOException {
    var known = new HashMap<String, Long>();
    for (CommitInfoProto voter : division.getCommitInfos()) {
      known.put(voter.getServer().getId().toStringUtf8(), voter.getCommitIndex());
    }
    return known;
  }

  /**
   * The voters and the edges by the newest configuration in the Raft log, be it committed or not.
   */
  VoterConfiguration configuration() {
    RaftConfiguration now = division.getRaftConf();
    return new VoterConfiguration(
        ids(now.getCurrentPeers()),
        ids(now.getPreviousPeers()),
        ids(now.getCurrentPeers(RaftPeerRole.LISTENER)),
        now.getLogEntryIndex());
  }

  private static List<String> ids(Collection<RaftPeer> peers) {
    return peers.stream().map(peer -> peer.getId().toString()).sorted().toList();
  }

  /**
   * Has the leader, this node, change the voters by joint consensus, if they are what the caller
   * knows; the edges stay. Completes when the change is committed; fails at once if a new voter
   * stops answering before it has the log.
   */
  CompletableFuture<Void> change(List<String> from, List<String> to) {
    List<String> edges = configuration().edges();
    return change(from, edges, to, edges);
  }

  /**
   * Has the leader, this node, change the edges, if voters and edges are what the caller knows.
   * Completes when the change is committed; fails if a new edge stops answering before it has the
   * log, or is {@link #abandon}ed.
   */
  CompletableFuture<Void> changeEdges(VoterConfiguration from, List<String> to) {
    return change(from.current(), from.edges(), from.current(), to);
  }

  private CompletableFuture<Void> change(
      List<String> from, List<String> edgesFrom, List<String> to, List<String> edgesTo) {
    appenders.countListeners(); // those of the changes before, of which Ratis would wait for each
    var arguments =
        SetConfigurationRequest.Arguments.newBuilder()
            .setMode(SetConfigurationRequest.Mode.COMPARE_AND_SET)
            .setServersInCurrentConf(RaftVoters.peers(from))
            .setListenersInCurrentConf(RaftVoters.edges(edgesFrom))
            .setServersInNewConf(RaftVoters.peers(to))
            .setListenersInNewConf(RaftVoters.edges(edgesTo))
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

  /**
   * Waits until no change of an earlier leader is under way; blocks.
   *
   * @throws VotersRefused if it does not end
   */
  void awaitSettled() throws InterruptedException {
    for (long waited = 0; waited < SETTLE_MILLIS; waited += LOOK_MILLIS) {
      VoterConfiguration now = configuration();
      if (now.settled() && division.getRaftLog().getLastCommittedIndex() >= now.index()) {
        return;
      }
      Thread.sleep(LOOK_MILLIS);
    }
    throw new VotersRefused(
        "a change to "
            + VoterRules.text(configuration().current())
            + " is not complete: wait for it");
  }

  /** On a leader: a change ends when a new node has gone; to be called again and again. */
  void checkAdded() {
    appenders.countListeners();
    appenders.checkAdded();
  }

  /** Has the change fail by which this node is being added; what it has received stays with it. */
  void abandon(String added) {
    appenders.abandon(added);
  }

  /** The edges, as this leader sees them. */
  List<LeaderWatch.Follower> edges() {
    return seen(configuration().edges());
  }

  /** The other voters, as this leader sees them; without nodes that are to be added. */
  List<LeaderWatch.Follower> followers() {
    return seen(configuration().all());
  }

  private List<LeaderWatch.Follower> seen(List<String> nodes) {
    List<LeaderWatch.Follower> fed =
        fed().stream().filter(one -> nodes.contains(one.id())).toList();
    var followers = new ArrayList<>(fed);
    for (String node : nodes) {
      if (!node.equals(voters.self()) && fed.stream().noneMatch(one -> one.id().equals(node))) {
        followers.add(new LeaderWatch.Follower(node, -1, false, false));
      }
    }
    return followers;
  }
}
