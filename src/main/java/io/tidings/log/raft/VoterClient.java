package io.tidings.log.raft;

import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.retry.RetryPolicies;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;

/**
 * Requests from this node to others, over their Raft ports, be they voters or not. Nothing is sent
 * again. Thread-safe.
 */
final class VoterClient implements Closeable {
  private final RaftVoters voters;
  private final RaftClient client;
  private final AtomicLong lastCall = new AtomicLong();

  /** Those whose address the client knows. */
  private final Set<String> known = ConcurrentHashMap.newKeySet();

  VoterClient(RaftLog.Options options) {
    this.voters = options.voters();
    this.client =
        RaftClient.newBuilder()
            .setRaftGroup(voters.group())
            .setProperties(RatisProperties.client(options.patience()))
            .setParameters(RatisTls.parameters(options.tls()))
            .setRetryPolicy(RetryPolicies.noRetry())
            .build();
  }

  /**
   * Submits a command at a leader. Commands are appended in the order of the calls; completes when
   * the leader has applied it. A failure means that it is not known whether it will be applied.
   */
  CompletableFuture<Void> submit(String leader, byte[] command) {
    Message message = Message.valueOf(UnsafeByteOperations.unsafeWrap(command));
    return send(leader, message, RaftClientRequest.writeRequestType())
        .thenApply(RaftNode::requireSuccess);
  }

  /** Asks a voter, whatever its role. */
  CompletableFuture<String> ask(String voter, String request) {
    return send(voter, Message.valueOf(request), RaftClientRequest.staleReadRequestType(0))
        .thenApply(
            reply -> {
              RaftNode.requireSuccess(reply);
              return reply.getMessage().getContent().toString(StandardCharsets.UTF_8);
            });
  }

  /** As {@link #ask}, with an answer in bytes. */
  CompletableFuture<byte[]> fetch(String voter, FetchRequest request) {
    return send(voter, Message.valueOf(request.encode()), RaftClientRequest.staleReadRequestType(0))
        .thenApply(
            reply -> {
              RaftNode.requireSuccess(reply);
              return reply.getMessage().getContent().toByteArray();
            });
  }

  private CompletableFuture<RaftClientReply> send(
      String voter, Message message, RaftClientRequest.Type type) {
    RaftPeerId peer = RaftPeerId.valueOf(voter);
    if (known.add(voter)) {
      client.getClientRpc().addRaftPeers(List.of(RaftVoters.peer(voter)));
    }
    RaftClientRequest request =
        RaftClientRequest.newBuilder()
            .setClientId(client.getId())
            .setServerId(peer)
            .setGroupId(voters.groupId())
            .setCallId(lastCall.incrementAndGet())
            .setMessage(message)
            .setType(type)
            .build();
    CompletableFuture<RaftClientReply> answer;
    try {
      answer = client.getClientRpc().sendRequestAsyncUnordered(request);
    } catch (RuntimeException e) {
      answer = CompletableFuture.failedFuture(e);
    }
    return answer.whenComplete(
        (reply, failure) -> {
          if (failure != null) {
            client.getClientRpc().handleException(peer, failure, true);
          }
        });
  }

  @Override
  public void close() throws IOException {
    client.close();
  }
}
