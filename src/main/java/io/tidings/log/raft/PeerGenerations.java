package io.tidings.log.raft;

import io.tidings.tls.NodeCertificates;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.protocol.GroupListReply;
import org.apache.ratis.protocol.GroupListRequest;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.retry.RetryPolicies;

/**
 * Asks nodes to which generation of the cluster they belong, in a way that those of any generation
 * and version answer. Blocks, for a second at most for each question.
 */
final class PeerGenerations implements Closeable {
  private static final long ANSWER_MILLIS = 1_000;

  /** The first request of a process takes seconds on a busy machine. */
  private static final long WARM_UP_MILLIS = 10_000;

  private final RaftVoters voters;
  private final RaftClient client;
  private long lastCall;

  PeerGenerations(RaftVoters voters, Optional<NodeCertificates> tls) {
    this.voters = voters;
    this.client =
        RaftClient.newBuilder()
            .setRaftGroup(voters.group())
            .setProperties(RatisProperties.client(Duration.ofMillis(ANSWER_MILLIS)))
            .setParameters(RatisTls.parameters(tls))
            .setRetryPolicy(RetryPolicies.noRetry())
            .build();
  }

  /**
   * Makes a request that nobody answers, to this node's own port, on which nothing listens yet, so
   * that the time for answers is not used up by what this process does for the first time: a node
   * that hears no answer takes part in the old cluster.
   */
  void warmUp() {
    send(voters.self(), WARM_UP_MILLIS).join();
  }

  /**
   * The generations of those who answer that are nodes of this cluster, in one of its generations.
   */
  Map<String, Long> ask(List<String> nodes) {
    List<CompletableFuture<OptionalLong>> answers = new ArrayList<>();
    for (String node : nodes) {
      answers.add(send(node, ANSWER_MILLIS));
    }
    var known = new LinkedHashMap<String, Long>();
    for (int i = 0; i < nodes.size(); i++) {
      String node = nodes.get(i);
      answers.get(i).join().ifPresent(generation -> known.put(node, generation));
    }
    return known;
  }

  private CompletableFuture<OptionalLong> send(String node, long millis) {
    GroupListRequest request = request(node);
    var answer = new CompletableFuture<OptionalLong>();
    EngineThread.daemon(() -> ask(request, answer), "tidings-raft-generation").start();
    return answer.completeOnTimeout(OptionalLong.empty(), millis, TimeUnit.MILLISECONDS);
  }

  private GroupListRequest request(String node) {
    client.getClientRpc().addRaftPeers(List.of(RaftVoters.peer(node)));
    return new GroupListRequest(
        client.getId(), RaftPeerId.valueOf(node), voters.groupId(), ++lastCall);
  }

  private void ask(GroupListRequest request, CompletableFuture<OptionalLong> answer) {
    try {
      RaftClientReply reply = client.getClientRpc().sendRequest(request);
      answer.complete(
          ((GroupListReply) reply)
              .getGroupIds().stream()
                  .map(group -> ClusterGeneration.of(voters.cluster(), group.getUuid()))
                  .flatMapToLong(OptionalLong::stream)
                  .max());
    } catch (IOException | RuntimeException e) {
      answer.complete(OptionalLong.empty()); // it is down, or cannot be reached
    }
  }

  @Override
  public void close() throws IOException {
    client.close();
  }
}
