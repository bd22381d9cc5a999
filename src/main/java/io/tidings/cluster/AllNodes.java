package io.tidings.cluster;

import io.tidings.log.raft.Voters;
import io.tidings.log.redis.RedisHubs;
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
  private final Optional<? extends Others> others;
  private final long patienceMillis;
  private final Map<String, Function<JsonObject, Future<JsonObject>>> answerers =
      new ConcurrentHashMap<>();

  /** The other nodes, and how they are reached. */
  public sealed interface Others {
    /** The other nodes at the moment. */
    List<Other> nodes();

    NodeRequests requests();
  }

  /**
   * Another node.
   *
   * @param id by which it is asked
   * @param gone whether it is known not to answer
   */
  public record Other(String id, String name, boolean gone) {}

  /** The other nodes of a cluster, edges included. */
  public record Cluster(Voters voters, NodeRequests requests, NodeReports reports)
      implements Others {
    @Override
    public List<Other> nodes() {
      return voters.nodes().stream()
          .filter(voter -> !voter.self())
          .map(voter -> new Other(voter.id(), reports.name(voter), reports.isGone(voter)))
          .toList();
    }
  }

  /** The other hubs that share a log in Redis. */
  public record Hubs(RedisHubs hubs, NodeRequests requests) implements Others {
    @Override
    public List<Other> nodes() {
      return hubs.others().stream().map(hub -> new Other(hub.id(), hub.name(), false)).toList();
    }
  }

  /** What one node answered. */
  public record Answer(String node, JsonObject content) {}

  /**
   * @param answers this node's first
   * @param missing the names of the nodes that did not answer
   */
  public record Answers(List<Answer> answers, List<String> missing) {}

  /**
   * @param name this node's name
   * @param others empty for a single hub
   */
  public AllNodes(String name, Optional<? extends Others> others) {
    this(name, others, PATIENCE_MILLIS);
  }

  AllNodes(String name, Optional<? extends Others> others, long patienceMillis) {
    this.name = name;
    this.others = others;
    this.patienceMillis = patienceMillis;
  }

  /** The members of the cluster; empty for a single hub. */
  public Optional<Voters> voters() {
    return others.filter(Cluster.class::isInstance).map(Cluster.class::cast).map(Cluster::voters);
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
    others.ifPresent(
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
      asked.add(new Asked(name, true, inTime(own(word, question))));
    }
    others.ifPresent(all -> askOthers(all, word, question.encode(), nodes, asked));
    return Future.join(asked.stream().map(Asked::content).toList())
        .transform(done -> collect(asked));
  }

  /** What this node is called. */
  public String name() {
    return name;
  }

  /** The other nodes, also those that do not answer; none for a single hub. */
  public List<Other> others() {
    return others.map(Others::nodes).orElse(List.of());
  }

  /**
   * Asks another node.
   *
   * @return fails if it is gone, does not answer in time, or does not know such questions
   */
  public Future<JsonObject> ask(Other other, String word, JsonObject question) {
    return others
        .map(all -> ask(all, other, word, question.encode()))
        .orElseGet(() -> Future.failedFuture("there is no other node"));
  }

  private Future<JsonObject> ask(Others all, Other other, String word, String question) {
    return other.gone
        ? Future.failedFuture(other.name + " is gone")
        : inTime(all.requests().ask(other.id, word, question)).map(JsonObject::new);
  }

  private Future<JsonObject> own(String word, JsonObject question) {
    return Future.succeededFuture(question).compose(answerers.get(word));
  }

  private void askOthers(
      Others all, String word, String question, Predicate<String> nodes, List<Asked> asked) {
    for (Other other : all.nodes()) {
      if (nodes.test(other.name)) {
        asked.add(new Asked(other.name, false, ask(all, other, word, question)));
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
      } else if (one.own()) {
        return Future.failedFuture(one.content().cause());
      } else {
        missing.add(one.node());
      }
    }
    return Future.succeededFuture(new Answers(List.copyOf(answers), List.copyOf(missing)));
  }

  /**
   * A node that was asked.
   *
   * @param node its name, which others may have too
   * @param own whether it is this one
   */
  private record Asked(String node, boolean own, Future<JsonObject> content) {}
}
