package io.tidings.presence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.auth.Grants;
import io.tidings.auth.Principal;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Random histories of streams at three nodes, whose tables a fourth one asks: answers in parts,
 * that overtake each other or are lost, and nodes that start again. The model is the list of the
 * open streams and of the ends that linger.
 */
class PresenceModelTest {
  private static final int RUNS = 60;
  private static final int STEPS = 400;
  private static final long LINGER = 5;
  private static final List<String> TOPICS = List.of("a", "b", "c");

  private final long seed = new Random().nextLong();
  private final Random random = new Random(seed);
  private long now;
  private List<Node> nodes;

  /** A stream as the model knows it. */
  private record Open(Object id, Principal who, Set<String> topics) {}

  /** A node, what the asking node knows of it, and what is on its way. */
  private final class Node {
    private PresenceTable table = table();
    private final Peer peer = new Peer("node");
    private final List<Open> streams = new ArrayList<>();
    private final Map<String, Map<MemberKey, Long>> lingering = new HashMap<>();

    /** The ends of streams without a token that linger, by topic. */
    private final Map<String, List<Long>> anonymous = new HashMap<>();

    private final List<Runnable> onItsWay = new ArrayList<>();

    private PresenceTable table() {
      return new PresenceTable(
          new PresenceTable.Limits(1_000, 10_000),
          LINGER,
          () -> now,
          InstantSource.fixed(Instant.EPOCH));
    }

    void open() {
      var stream = new Open(new Object(), principal(), topics());
      streams.add(stream);
      place(stream, Set.of());
    }

    private void place(Open stream, Set<String> before) {
      table.place(stream.id, stream.who, List.copyOf(stream.topics));
      for (String topic : stream.topics) {
        if (!before.contains(topic)) {
          if (stream.who.identified()) {
            lingering.getOrDefault(topic, new HashMap<>()).remove(MemberKey.of(stream.who));
          } else if (!anonymous.getOrDefault(topic, List.of()).isEmpty()) {
            anonymous.get(topic).remove(0);
          }
        }
      }
    }

    private void left(Open stream, Set<String> topics) {
      for (String topic : topics) {
        MemberKey key = MemberKey.of(stream.who);
        if (!stream.who.identified()) {
          anonymous.computeIfAbsent(topic, first -> new ArrayList<>()).add(now + LINGER);
        } else if (streams.stream()
            .noneMatch(
                other -> MemberKey.of(other.who).equals(key) && other.topics.contains(topic))) {
          lingering.computeIfAbsent(topic, first -> new HashMap<>()).put(key, now + LINGER);
        }
      }
    }

    void end() {
      if (!streams.isEmpty()) {
        Open stream = streams.remove(random.nextInt(streams.size()));
        table.remove(stream.id);
        left(stream, stream.topics);
      }
    }

    void renew() {
      if (!streams.isEmpty()) {
        Open before = streams.remove(random.nextInt(streams.size()));
        var stream = new Open(before.id, before.who, topics());
        streams.add(stream);
        place(stream, before.topics);
        var gone = new HashSet<>(before.topics);
        gone.removeAll(stream.topics);
        left(before, gone);
      }
    }

    void startAgain() {
      table = table();
      streams.clear();
      lingering.clear();
      anonymous.clear();
    }

    void ask() {
      Peer.Question question = peer.question(TOPICS);
      PresenceTable asked = table;
      JsonObject answer = asked.answer(new JsonObject(question.json().encode()));
      String text = answer.encode();
      assertTrue(text.length() < 100_000, () -> "of " + text.length());
      onItsWay.add(
          () -> {
            if (asked == table) { // the answers of a process that has ended do not arrive
              peer.apply(question, new JsonObject(text), now);
            }
          });
    }

    void receive() {
      if (!onItsWay.isEmpty()) {
        Runnable answer = onItsWay.remove(random.nextInt(onItsWay.size()));
        if (random.nextInt(4) > 0) {
          answer.run();
        }
      }
    }

    void settle() {
      for (List<String> open = TOPICS; !open.isEmpty(); ) {
        Peer.Question question = peer.question(open);
        String answer = table.answer(new JsonObject(question.json().encode())).encode();
        open = peer.apply(question, new JsonObject(answer), now);
      }
    }

    Map<MemberKey, Integer> expected(String topic) {
      Map<MemberKey, Integer> members = new HashMap<>();
      lingering.getOrDefault(topic, Map.of()).keySet().forEach(key -> members.put(key, 0));
      for (Open stream : streams) {
        if (stream.who.identified() && stream.topics.contains(topic)) {
          members.merge(MemberKey.of(stream.who), 1, Integer::sum);
        }
      }
      return members;
    }

    int expectedAnonymous(String topic) {
      long open =
          streams.stream()
              .filter(stream -> !stream.who.identified() && stream.topics.contains(topic))
              .count();
      return (int) open + anonymous.getOrDefault(topic, List.of()).size();
    }

    void expire() {
      table.expire();
      lingering.values().forEach(all -> all.values().removeIf(until -> until <= now));
      anonymous.values().forEach(all -> all.removeIf(until -> until <= now));
    }
  }

  private Set<String> topics() {
    var topics = new HashSet<>(TOPICS);
    topics.removeIf(topic -> random.nextBoolean());
    return topics;
  }

  private Principal principal() {
    int number = random.nextInt(300);
    if (number < 20) {
      return Principal.UNKNOWN;
    }
    return new Principal(
        "issuer",
        "subject" + number,
        Grants.NONE,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of("\"" + "x".repeat(900) + number + "\""));
  }

  private void step() {
    Node node = nodes.get(random.nextInt(nodes.size()));
    switch (random.nextInt(12)) {
      case 0, 1, 2, 3 -> node.open();
      case 4, 5 -> node.end();
      case 6 -> node.renew();
      case 7, 8 -> node.ask();
      case 9, 10 -> node.receive();
      default -> {
        now += random.nextInt(3);
        nodes.forEach(Node::expire);
      }
    }
    if (random.nextInt(300) == 0) {
      node.startAgain();
    }
  }

  private void check(String topic) {
    for (Node node : nodes) {
      Collection<MemberKey> changes =
          node.table.find(topic).map(all -> all.changesAfter(0).values()).orElseGet(List::of);
      assertEquals(new HashSet<>(changes).size(), changes.size(), () -> "seed " + seed);
    }
    Map<String, Integer> expected = new TreeMap<>();
    int anonymous = 0;
    var others = new ArrayList<PeerTopic>();
    for (Node node : nodes) {
      node.expected(topic)
          .forEach((key, count) -> expected.merge(key.subject(), count, Integer::sum));
      anonymous += node.expectedAnonymous(topic);
      others.add(node.peer.topic(topic).orElseThrow());
    }
    TopicState state = TopicState.merged(topic, List.of(), 0, others, List.of());
    Map<String, Integer> found = new TreeMap<>();
    state.members().forEach((key, member) -> found.put(key.subject(), member.streams()));
    assertEquals(expected, found, () -> "seed " + seed);
    assertEquals(anonymous, state.anonymous(), () -> "seed " + seed);
    state
        .members()
        .forEach(
            (key, member) ->
                assertTrue(
                    member
                        .payload()
                        .orElseThrow()
                        .endsWith("x" + key.subject().substring("subject".length()) + "\"")));
  }

  @Test
  void whoIsPresentIsWhoHasAStreamAtAnyNode() {
    System.out.println("seed " + seed);
    for (int run = 0; run < RUNS; run++) {
      nodes = IntStream.range(0, 3).mapToObj(number -> new Node()).toList();
      if (run % 3 == 0) { // so many that they do not fit into one answer
        nodes.forEach(node -> IntStream.range(0, 300).forEach(number -> node.open()));
      }
      for (int step = 0; step < STEPS; step++) {
        step();
      }
      nodes.forEach(Node::settle);
      TOPICS.forEach(this::check);
    }
  }

  @Test
  void whoWasAwayForMoreDeparturesThanAreRememberedIsToldEverything() {
    nodes = List.of(new Node());
    Node node = nodes.get(0);
    var stays = new Object();
    node.table.place(stays, principal("stays"), TOPICS);
    node.settle();
    for (int i = 0; i < TopicMembers.MAX_GONE + 10; i++) {
      var stream = new Object();
      node.table.place(stream, principal("s" + i), TOPICS);
      if (i == 5) {
        node.settle();
      }
      node.table.remove(stream);
      now += LINGER;
      node.table.expire();
    }
    node.settle();
    TopicState state =
        TopicState.merged(
            "a", List.of(), 0, List.of(node.peer.topic("a").orElseThrow()), List.of());
    assertEquals(Set.of(new MemberKey("issuer", "stays")), state.members().keySet());
  }

  /** Four answers are needed; between them somebody leaves whom the first one had. */
  @Test
  void whoLeavesWhileOthersAreToldIsGoneInTheEnd() {
    nodes = List.of(new Node());
    Node node = nodes.get(0);
    String payload = "\"" + "x".repeat(950) + "\"";
    for (int i = 0; i < 300; i++) {
      node.table.place(i, principal("s" + i, payload), List.of("a"));
    }
    int answers = 0;
    for (List<String> rest = List.of("a"); !rest.isEmpty(); answers++) {
      Peer.Question question = node.peer.question(rest);
      String answer = node.table.answer(new JsonObject(question.json().encode())).encode();
      rest = node.peer.apply(question, new JsonObject(answer), now);
      if (answers < 2) {
        node.table.remove(answers);
        now += LINGER;
        node.table.expire();
      }
      assertEquals(rest.isEmpty(), node.peer.topic("a").isPresent(), "not before it is complete");
    }
    assertTrue(answers > 3, () -> "a bound of the size");
    var members = node.peer.topic("a").orElseThrow().members();
    assertEquals(298, members.size());
    assertTrue(members.stream().noneMatch(one -> Set.of("s0", "s1").contains(one.key().subject())));
  }

  private static Principal principal(String subject, String payload) {
    return new Principal(
        "issuer",
        subject,
        Grants.NONE,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(payload));
  }

  private static Principal principal(String subject) {
    return new Principal("issuer", subject, Grants.NONE, Optional.empty(), Optional.empty());
  }

  @Test
  void whatIsAboveTheLimitsIsCountedOrSaid() {
    var table =
        new PresenceTable(
            new PresenceTable.Limits(2, 4), LINGER, () -> now, InstantSource.fixed(Instant.EPOCH));
    table.place("1", principal("alice"), List.of("a"));
    table.place("2", principal("bob"), List.of("a"));
    table.place("3", principal("carol"), List.of("a"));
    TopicMembers topic = table.find("a").orElseThrow();
    assertEquals(1, topic.anonymous(), "a third name is counted without it");
    table.place("4", principal("dave"), List.of("b", "c"));
    assertTrue(table.find("b").isPresent());
    assertTrue(table.find("c").isEmpty());
    assertTrue(!table.complete());
    table.remove("4");
    assertTrue(table.complete());
    table.remove("1");
    table.remove("2");
    table.remove("3");
    now += LINGER;
    table.expire();
    assertTrue(table.isEmpty());
  }
}
