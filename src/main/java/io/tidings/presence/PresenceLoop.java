package io.tidings.presence;

import io.tidings.auth.Principal;
import io.tidings.fanout.Subscriber;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * What the hub knows of who is present, here and at other nodes, and whom it tells. Confined to one
 * event loop.
 *
 * <p>Other nodes are asked only about topics that streams of this node watch, or that somebody has
 * just asked for.
 */
final class PresenceLoop {
  /** How long a state is still an answer. */
  private static final long FRESH_MILLIS = 1_000;

  /** How long nodes are asked about a topic that somebody has asked for. */
  private static final long INTEREST_MILLIS = 5_000;

  private final PresenceTable table;
  private final Peers peers;
  private final Watchers watchers;
  private final LongSupplier clock;

  /** The topics that somebody has asked for. */
  private final Map<String, Interest> interests = new HashMap<>();

  /** The last states. */
  private final Map<String, Known> states = new HashMap<>();

  /**
   * @param asked completes when all nodes were asked
   */
  private record Interest(Future<Void> asked, long atMillis) {}

  /** A state, and the versions of all that it was made of. */
  private record Known(Object versions, TopicState state) {}

  private record Versions(long own, List<Told> others, List<String> missing) {}

  /** Another node that takes a node's place may have told as much as that had. */
  private record Told(PeerTopic by, long changes) {}

  /**
   * @param clock monotonic milliseconds
   */
  PresenceLoop(PresenceTable table, Peers peers, Watchers watchers, LongSupplier clock) {
    this.table = table;
    this.peers = peers;
    this.watchers = watchers;
    this.clock = clock;
  }

  void watch(Subscriber stream) {
    watchers.add(stream);
  }

  /**
   * A stream has begun, or was renewed.
   *
   * @param counts whether its client is present
   * @param names the topics that it names
   */
  void place(Subscriber stream, Principal principal, boolean counts, List<String> names) {
    table.place(stream, principal, counts ? names : List.of());
    watchers.follow(stream, names);
  }

  void remove(Subscriber stream) {
    table.remove(stream);
    watchers.remove(stream);
  }

  /** Answers another node. */
  JsonObject answer(JsonObject question) {
    return table.answer(question);
  }

  /** Once a second: removes who has left, and asks the other nodes. */
  void poll() {
    table.expire();
    long now = clock.getAsLong();
    interests.values().removeIf(one -> now - one.atMillis >= INTEREST_MILLIS);
    var topics = new HashSet<>(watchers.topics());
    topics.addAll(interests.keySet());
    states.keySet().retainAll(topics);
    peers.retain(topics);
    peers.poll(new ArrayList<>(watchers.topics()));
  }

  /** Once a second, when the other nodes may have answered: tells the streams what has changed. */
  void tell() {
    watchers.tell(this::known);
  }

  /** The state of a topic, at all nodes. */
  Future<TopicState> state(String topic) {
    long now = clock.getAsLong();
    Interest last = interests.get(topic);
    if (last == null || now - last.atMillis >= FRESH_MILLIS) {
      last = new Interest(peers.ask(topic), now);
      interests.put(topic, last);
    }
    return last.asked.map(asked -> known(topic));
  }

  /** The state by what is known here; the same object while that has not changed. */
  private TopicState known(String topic) {
    List<PeerTopic> others = peers.topics(topic);
    List<String> missing = new ArrayList<>(peers.missing(topic));
    if (!table.complete()) {
      missing.add(peers.ownName());
    }
    var versions =
        new Versions(
            table.version(topic),
            others.stream().map(other -> new Told(other, other.changes())).toList(),
            missing);
    Known last = states.get(topic);
    if (last == null || !last.versions.equals(versions)) {
      last = new Known(versions, merged(topic, others, missing));
      states.put(topic, last);
    }
    return last.state;
  }

  /** Whether nothing is kept of any stream. */
  boolean isEmpty() {
    return table.isEmpty() && watchers.isEmpty();
  }

  private TopicState merged(String topic, List<PeerTopic> others, List<String> missing) {
    return table
        .find(topic)
        .map(own -> TopicState.merged(topic, own.members(), own.anonymous(), others, missing))
        .orElseGet(() -> TopicState.merged(topic, List.of(), 0, others, missing));
  }
}
