package io.tidings.cluster;

import io.tidings.log.raft.RaftLog;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The voters of a {@link RaftLog}. */
public record LogVoters(RaftLog log) implements Voters {
  @Override
  public boolean leads() {
    return log.leads();
  }

  @Override
  public boolean connected() {
    return log.connected();
  }

  @Override
  public List<Voter> voters() {
    return log.voters().stream()
        .map(voter -> new Voter(voter.id(), voter.self(), voter.leader()))
        .toList();
  }

  @Override
  public Future<Optional<String>> checkpoint(String name) {
    return log.checkpoint(name);
  }

  @Override
  public Future<Void> setCheckpoint(String name, String id) {
    return log.setCheckpoint(name, id);
  }

  @Override
  public Future<String> ask(String voterId, String request) {
    return log.ask(voterId, request);
  }

  @Override
  public void answerWith(Function<String, String> answerer) {
    log.answerWith(answerer);
  }
}
