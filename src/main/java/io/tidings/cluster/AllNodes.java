package io.tidings.cluster;

import io.tidings.log.raft.Voters;
import io.tidings.log.raft.Voters.Voter;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Asks all nodes the same question, this one included, and collects their answers, for what each
 * node knows of itself alone. A node that does not answer in time is named; nothing fails because
 * of it. A single hub is the only node. Any thread; futures complete on any thread.
 */
public final class AllNodes {
  private static final long PATIENCE_MILLIS = 5_000;

  private final String name;
  private final Optional<Cluster> cluster;
  private final long patienceMillis;
  private final Map<String, Function<JsonObject, Future<JsonObject>>> answerers =
      new ConcurrentHashMap<>();

  /** How the other nodes are reached, and what they are called. */
  public record Cluster(Voters voters, NodeRequests requests, NodeReports reports) {}

  /** What one node answered. */
  public record Answer(String node, JsonObject content) {}

  /**
   * @param answers this node's first
   * @param missing the names of the nodes that did not answer
   */
  public record Answers(List<Answer> answers, List<String> missing) {}

  /**
   * @param name this node's name
   * @param cluster empty for a single hub
   */
  public AllNodes(String name, Optional<Cluster> cluster) {
    this(name, cluster, PATIENCE_MILLIS);
  }

  AllNodes(String name, Optional<Cluster> cluster, long patienceMillis) {
    this.name = name;
    this.cluster = cluster;
    this.patienceMillis = patienceMillis;
  }

  /** The voters of the cluster; empty for a single hub. */
  public Optional<Voters> voters() {
    return cluster.map(Cluster::voters);
  }

  /**
   * Sets how this node answers a question, its own and that of others; it must not block.
   *
   * @param word what begins the question
   * @param answerer answers in at most some 100 KB
   */
  public void answer(String word, Function<JsonObject, Future<JsonObject>> answerer) {
    if (answerers.putIfAbsent(word, answerer) != null) {
      throw new IllegalStateException("questions are answered already: " + word);
    }
    cluster.ifPresent(
        all ->
            all.requests()
                .answer(
                    word, body -> answerer.apply(new JsonObject(body)).map(JsonObject::encode)));
  }

  /** Asks all nodes. */
  public Future<Answers> ask(String word, JsonObject question) {
    return ask(word, question, node -> true);
  }

  /**
   * Asks some of the nodes.
   *
   * @param nodes chooses them by their names
   * @return fails only if this node's own answer does
   */
  public Future<Answers> ask(String word, JsonObject question, Predicate<String> nodes) {
    var asked = new ArrayList<Asked>();
    if (nodes.test(name)) {
      asked.add(new Asked(name, inTime(own(word, question))));
    }
    cluster.ifPresent(all -> askOthers(all, word, question.encode(), nodes, asked));
    return Future.join(asked.stream().map(Asked::content).toList())
        .transform(done -> collect(asked));
  }

  private Future<JsonObject> own(String word, JsonObject question) {
    return Future.succeededFuture(question).compose(answerers.get(word));
  }

  private void askOthers(
      Cluster all, String word, String question, Predicate<String> nodes, List<Asked> asked) {
    for (Voter voter : all.voters().voters()) {
      String other = all.reports().name(voter);
      if (!voter.self() && nodes.test(other)) {
        Future<JsonObject> content =
            all.reports().isGone(voter)
                ? Future.failedFuture(other + " is gone")
                : inTime(all.requests().ask(voter.id(), word, question)).map(JsonObject::new);
        asked.add(new Asked(other, content));
      }
    }
  }

  private <T> Future<T> inTime(Future<T> answer) {
    return Future.fromCompletionStage(
        answer
            .toCompletionStage()
            .toCompletableFuture()
            .orTimeout(patienceMillis, TimeUnit.MILLISECONDS));
  }

  private Future<Answers> collect(List<Asked> asked) {
    var answers = new ArrayList<Answer>();
    var missing = new ArrayList<String>();
    for (Asked one : asked) {
      if (one.content().succeeded()) {
        answers.add(new Answer(one.node(), one.content().result()));
      } else if (one.node().equals(name)) {
        return Future.failedFuture(one.content().cause());
      } else {
        missing.add(one.node());
      }
    }
    return Future.succeededFuture(new Answers(List.copyOf(answers), List.copyOf(missing)));
  }

  private record Asked(String node, Future<JsonObject> content) {}
}
