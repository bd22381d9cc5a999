package io.tidings.presence;

import io.tidings.auth.Principal;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongSupplier;

/**
 * Who is present at which topic by the streams of this node. Confined to one event loop.
 *
 * <p>It is bounded in places, each of a stream at a topic, in places that linger, of which there
 * are as many at most, and in members of a topic.
 */
final class PresenceTable {
  static final int MAX_MEMBERS = 10_000;
  static final int MAX_PLACES = 200_000;

  /** Identifies this life of the node: versions of another one mean nothing. */
  private final String life = UUID.randomUUID().toString();

  private final Limits limits;
  private final long lingerMillis;
  private final LongSupplier clock;
  private final InstantSource time;
  private final Map<String, TopicMembers> topics = new HashMap<>();
  private final Map<Object, Seat> seats = new HashMap<>();

  /** The topics where a stream has ended, with the ends of its lingering, in order. */
  private final Deque<Due> due = new ArrayDeque<>();

  private long lastVersion;
  private int places;
  private int missed;

  /**
   * Where a stream is present, and as whom it counts there.
   *
   * @param missed at how many topics it is not counted
   */
  private record Seat(MemberKey who, Map<String, MemberKey> at, int missed) {}

  private record Due(String topic, long until) {}

  /**
   * @param members of a topic that are known by name
   * @param places of streams at topics; if more than so many linger, the first of them leave early
   */
  record Limits(int members, int places) {}

  /**
   * @param clock monotonic milliseconds
   */
  PresenceTable(Limits limits, long lingerMillis, LongSupplier clock, InstantSource time) {
    this.limits = limits;
    this.lingerMillis = lingerMillis;
    this.clock = clock;
    this.time = time;
  }

  /**
   * A stream is present at these topics now, and nowhere else.
   *
   * @param stream any object that is the same for the same stream
   */
  void place(Object stream, Principal principal, List<String> names) {
    MemberKey who = MemberKey.of(principal);
    Seat before = seats.get(stream);
    if (before != null && !before.who.equals(who)) {
      remove(stream);
      before = null;
    }
    Map<String, MemberKey> was = before == null ? Map.of() : before.at;
    missed -= before == null ? 0 : before.missed;
    Map<String, MemberKey> at = new LinkedHashMap<>();
    Instant now = Instant.ofEpochMilli(time.millis());
    for (String name : names) {
      if (was.containsKey(name)) {
        topics.get(name).update(was.get(name), principal.payload());
        at.put(name, was.get(name));
      } else if (places < limits.places) {
        at.put(name, topic(name).join(who, principal.payload(), now));
        places++;
      }
    }
    leave(was, at);
    missed += names.size() - at.size();
    if (names.isEmpty()) {
      seats.remove(stream);
    } else {
      seats.put(stream, new Seat(who, at, names.size() - at.size()));
    }
  }

  private TopicMembers topic(String name) {
    return topics.computeIfAbsent(
        name, first -> new TopicMembers(() -> ++lastVersion, limits.members));
  }

  /** The stream has ended. */
  void remove(Object stream) {
    Seat seat = seats.remove(stream);
    if (seat != null) {
      missed -= seat.missed;
      leave(seat.at, Map.of());
    }
  }

  private void leave(Map<String, MemberKey> was, Map<String, MemberKey> stays) {
    long until = clock.getAsLong() + lingerMillis;
    was.forEach(
        (name, key) -> {
          if (!stays.containsKey(name)) {
            topics.get(name).leave(key, until);
            due.add(new Due(name, until));
            places--;
          }
        });
    while (due.size() > limits.places) {
      expire(due.poll());
    }
  }

  /** Removes those that have lingered long enough. */
  void expire() {
    long now = clock.getAsLong();
    while (!due.isEmpty() && due.peek().until <= now) {
      expire(due.poll());
    }
  }

  private void expire(Due ended) {
    TopicMembers topic = topics.get(ended.topic);
    if (topic != null) {
      topic.expire(ended.until);
      if (topic.isEmpty()) {
        topics.remove(ended.topic);
      }
    }
  }

  /** Whether every stream is counted everywhere. */
  boolean complete() {
    return missed == 0;
  }

  /** Whether nothing is kept. */
  boolean isEmpty() {
    return seats.isEmpty() && topics.isEmpty() && due.isEmpty() && places == 0;
  }

  /** Changes whenever what is known of the topic does; 0 if nobody is present. */
  long version(String name) {
    TopicMembers topic = topics.get(name);
    return topic == null ? 0 : topic.version();
  }

  /** The topic; empty if nobody is present. */
  Optional<TopicMembers> find(String name) {
    return Optional.ofNullable(topics.get(name));
  }

  /** What another node asks: what has changed at these topics since it was told. */
  JsonObject answer(JsonObject question) {
    boolean known = life.equals(question.getString(Exchange.LIFE));
    var answer = new Exchange.Answer(life, complete());
    for (Object each : question.getJsonArray(Exchange.TOPICS)) {
      var asked = Exchange.Asked.read((JsonArray) each);
      Exchange.Asked from = known ? asked : Exchange.Asked.everything(asked.topic());
      if (!answer.add(from, find(asked.topic()))) {
        break;
      }
    }
    return answer.json();
  }
}
