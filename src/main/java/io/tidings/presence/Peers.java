package io.tidings.presence;

import static java.lang.System.Logger.Level.DEBUG;

import io.tidings.cluster.AllNodes;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * The other nodes, and what they have told. Confined to one event loop.
 *
 * <p>A node that has not answered for {@link #GONE_MILLIS} is gone: its members have left, until it
 * answers again.
 */
final class Peers {
  private static final System.Logger LOG = System.getLogger(Peers.class.getName());

  static final long GONE_MILLIS = 10_000;

  /** Of one round, so that many or large topics delay nothing else; the next one goes on. */
  private static final int MAX_REQUESTS = 50;

  private final AllNodes nodes;
  private final Executor loop;
  private final LongSupplier clock;
  private final Map<String, Peer> peers = new LinkedHashMap<>();

  /** Those that are asked by {@link #poll}. */
  private final Set<String> polled = new HashSet<>();

  private int round;

  /**
   * @param loop runs tasks on the event loop
   * @param clock monotonic milliseconds
   */
  Peers(AllNodes nodes, Executor loop, LongSupplier clock) {
    this.nodes = nodes;
    this.loop = loop;
    this.clock = clock;
  }

  /** What this node is called. */
  String ownName() {
    return nodes.name();
  }

  /** Brings the list of nodes up to date. */
  private List<AllNodes.Other> others() {
    List<AllNodes.Other> others = nodes.others();
    peers.keySet().retainAll(others.stream().map(AllNodes.Other::id).toList());
    others.forEach(
        other ->
            peers.computeIfAbsent(other.id(), id -> new Peer(other.name())).name(other.name()));
    return others;
  }

  /** Asks all nodes what has changed at these topics, except those that still owe an answer. */
  void poll(List<String> topics) {
    var rotated = new ArrayList<>(topics);
    if (!rotated.isEmpty()) { // if not all can be asked for in a round, others are next time
      Collections.rotate(rotated, -(round++ % rotated.size()));
    }
    for (AllNodes.Other other : others()) {
      if (!topics.isEmpty() && polled.add(other.id())) {
        onLoop(ask(other, rotated, MAX_REQUESTS)).onComplete(done -> polled.remove(other.id()));
      }
    }
  }

  /** Asks all nodes about a topic; completes on the loop when all have answered or failed. */
  Future<Void> ask(String topic) {
    if (others().isEmpty()) {
      return Future.succeededFuture();
    }
    List<Future<Void>> asked =
        others().stream().map(other -> ask(other, List.of(topic), MAX_REQUESTS)).toList();
    return onLoop(Future.join(asked).<Void>mapEmpty().otherwiseEmpty());
  }

  /** Asks until everything is told, or there were so many requests. */
  private Future<Void> ask(AllNodes.Other other, List<String> topics, int requests) {
    Peer peer = peers.get(other.id());
    if (topics.isEmpty() || requests == 0 || peer == null) {
      return Future.succeededFuture();
    }
    Peer.Question question = peer.question(topics);
    return onLoop(nodes.ask(other, Exchange.WORD, question.json()))
        .map(answer -> peer.apply(question, answer, clock.getAsLong()))
        .compose(
            again -> {
              var rest = new ArrayList<>(again);
              rest.addAll(topics.subList(question.topics().size(), topics.size()));
              return ask(other, rest, requests - 1);
            })
        .onFailure(e -> LOG.log(DEBUG, "{0} does not tell who is present: {1}", other.name(), e));
  }

  /** The same, completed on the loop. */
  private <T> Future<T> onLoop(Future<T> future) {
    Promise<T> promise = Promise.promise();
    future.onComplete(result -> loop.execute(() -> promise.handle(result)));
    return promise.future();
  }

  /** Forgets all topics but these. */
  void retain(Set<String> topics) {
    peers.values().forEach(peer -> peer.retain(topics));
  }

  /** What the nodes that are not gone have told of a topic. */
  List<PeerTopic> topics(String topic) {
    long now = clock.getAsLong();
    return peers.values().stream()
        .filter(peer -> !peer.silentFor(GONE_MILLIS, now))
        .flatMap(peer -> peer.topic(topic).stream())
        .toList();
  }

  /** The names of the nodes whose streams are not, or not all, known. */
  List<String> missing(String topic) {
    long now = clock.getAsLong();
    return peers.values().stream()
        .filter(
            peer ->
                peer.silentFor(GONE_MILLIS, now)
                    || peer.topic(topic).isEmpty()
                    || !peer.countsAll())
        .map(Peer::name)
        .sorted()
        .toList();
  }
}
