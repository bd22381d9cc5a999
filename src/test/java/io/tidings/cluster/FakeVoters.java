package io.tidings.cluster;

import io.tidings.log.raft.SettingsInForce;
import io.tidings.log.raft.Voters;
import io.tidings.settings.CommonSettings;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The voters a, b and c, of which this node is a; the test answers for the others. */
final class FakeVoters implements Voters {
  boolean leads;
  String leader = "b";
  List<String> edges = List.of();

  /** The requests to a voter that were not answered yet. */
  final Map<String, List<Promise<String>>> requests = new HashMap<>();

  /** The last request to each voter. */
  final Map<String, String> texts = new HashMap<>();

  final Map<String, String> checkpoints = new HashMap<>();
  Function<String, Future<String>> answerer;

  @Override
  public boolean leads() {
    return leads;
  }

  @Override
  public boolean connected() {
    return true;
  }

  @Override
  public List<Voter> voters() {
    return List.of("a", "b", "c").stream()
        .map(id -> new Voter(id, id.equals("a"), id.equals(leader)))
        .toList();
  }

  @Override
  public List<Voter> edges() {
    return edges.stream().map(id -> new Voter(id, false, false)).toList();
  }

  @Override
  public Status status() {
    return new Status(3, 7, Map.of("a", 7L, "b", 5L), List.of());
  }

  @Override
  public Optional<String> outside() {
    return Optional.empty();
  }

  @Override
  public Future<Void> changeVoters(List<String> target) {
    return Future.succeededFuture();
  }

  @Override
  public SettingsInForce settings() {
    return new SettingsInForce(CommonSettings.DEFAULT);
  }

  @Override
  public Future<Void> changeSettings(Map<String, ?> changes) {
    return Future.failedFuture("not here");
  }

  @Override
  public Future<Optional<String>> checkpoint(String name) {
    return Future.succeededFuture(Optional.ofNullable(checkpoints.get(name)));
  }

  @Override
  public Future<Void> setCheckpoint(String name, String id) {
    checkpoints.put(name, id);
    return Future.succeededFuture();
  }

  @Override
  public Future<String> ask(String voterId, String request) {
    Promise<String> answer = Promise.promise();
    texts.put(voterId, request);
    requests.computeIfAbsent(voterId, id -> new ArrayList<>()).add(answer);
    return answer.future();
  }

  /** The number of requests to the voter that were not answered yet. */
  int asked(String voterId) {
    return requests.getOrDefault(voterId, List.of()).size();
  }

  void answer(String voterId, String text) {
    requests.get(voterId).remove(0).complete(text);
  }

  void fail(String voterId) {
    requests.get(voterId).remove(0).fail("no answer");
  }

  @Override
  public void answerWith(Function<String, Future<String>> answers) {
    answerer = answers;
  }
}
