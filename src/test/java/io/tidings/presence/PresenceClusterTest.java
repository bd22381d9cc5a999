package io.tidings.presence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.tidings.auth.Grants;
import io.tidings.auth.Principal;
import io.tidings.cluster.AllNodes;
import io.tidings.cluster.NodeReports;
import io.tidings.cluster.NodeRequests;
import io.tidings.fanout.CloseReason;
import io.tidings.fanout.TestStreams;
import io.tidings.fanout.TestStreams.Stream;
import io.tidings.log.raft.SettingsInForce;
import io.tidings.log.raft.Voters;
import io.tidings.settings.CommonSettings;
import io.tidings.settings.PresenceSettings;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Presence at three nodes in one process. The test owns the clock, the turns and the network. */
@Timeout(60)
class PresenceClusterTest {
  private final AtomicLong clock = new AtomicLong();
  private final Map<String, Node> nodes = new LinkedHashMap<>();

  /** What becomes of requests to a node. */
  private enum Network {
    UP,
    /** They fail at once. */
    REFUSED,
    /** They are not answered. */
    SILENT
  }

  /** A node, and the network in front of it. */
  private final class Node implements Voters {
    @Override
    public List<Voter> edges() {
      return List.of();
    }

    private final String id;
    private final AtomicInteger requests = new AtomicInteger();
    private final Presence presence;
    private final TestStreams streams;
    private volatile Network network = Network.UP;
    private Function<String, Future<String>> answerer;

    Node(String id) throws Exception {
      this.id = id;
      var words = new NodeRequests(this);
      var reports = new NodeReports(this, words, "node-" + id, JsonObject::new, () -> 0);
      presence =
          new Presence(
              new PresenceSettings(List.of("chat.**"), Duration.ofSeconds(5)),
              new AllNodes("node-" + id, Optional.of(new AllNodes.Cluster(this, words, reports))),
              clock::get,
              InstantSource.fixed(Instant.EPOCH));
      streams = new TestStreams(presence);
      presence.runOn(streams.context());
    }

    @Override
    public boolean leads() {
      return false;
    }

    @Override
    public boolean connected() {
      return true;
    }

    @Override
    public List<Voter> voters() {
      return nodes.keySet().stream()
          .map(other -> new Voter(other, other.equals(id), false))
          .toList();
    }

    @Override
    public Status status() {
      return new Status(1, 0, Map.of(), List.of());
    }

    @Override
    public Optional<String> outside() {
      return Optional.empty();
    }

    @Override
    public Future<Void> changeVoters(List<String> target) {
      return Future.failedFuture("not here");
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
      return Future.succeededFuture(Optional.empty());
    }

    @Override
    public Future<Void> setCheckpoint(String name, String value) {
      return Future.succeededFuture();
    }

    @Override
    public Future<String> ask(String voterId, String request) {
      Node other = nodes.get(voterId);
      other.requests.incrementAndGet();
      return switch (other.network) {
        case UP -> other.answerer.apply(request);
        case REFUSED -> Future.failedFuture("refused");
        case SILENT -> Promise.<String>promise().future();
      };
    }

    @Override
    public void answerWith(Function<String, Future<String>> answers) {
      answerer = answers;
    }

    JsonObject state(String topic) throws Exception {
      return presence
          .state(topic)
          .toCompletionStage()
          .toCompletableFuture()
          .get(20, TimeUnit.SECONDS)
          .json(1_000);
    }
  }

  @BeforeEach
  void start() throws Exception {
    for (String id : List.of("a", "b", "c")) {
      nodes.put(id, new Node(id));
    }
  }

  @AfterEach
  void stop() throws Exception {
    for (Node node : nodes.values()) {
      node.streams.close();
    }
  }

  private Node node(String id) {
    return nodes.get(id);
  }

  private static Principal named(String subject) {
    return new Principal("issuer", subject, Grants.ALL, Optional.empty(), Optional.empty());
  }

  private static Set<String> subjects(JsonArray members) {
    return members.stream()
        .map(one -> ((JsonObject) one).getString("subject"))
        .collect(Collectors.toSet());
  }

  private static List<JsonObject> told(Stream stream) throws Exception {
    return stream.received("hub.presence");
  }

  /** A second passes at all nodes. */
  private void turn() throws Exception {
    clock.addAndGet(1_000);
    for (Node node : nodes.values()) {
      node.streams.run(node.presence::poll);
    }
    settle();
    for (Node node : nodes.values()) {
      node.streams.run(node.presence::tell);
      node.streams.run(() -> {});
    }
  }

  /** Waits for requests that are under way: each takes some tasks of two loops. */
  private void settle() throws Exception {
    for (int i = 0; i < 10; i++) {
      for (Node node : nodes.values()) {
        node.streams.run(() -> {});
      }
    }
  }

  @Test
  void aPrincipalWithStreamsAtTwoNodesIsOneMember() throws Exception {
    node("a").streams.open(named("alice"), "chat.a");
    node("b").streams.open(named("alice"), "chat.a");
    node("b").streams.open(named("bob"), "chat.a");
    node("c").streams.open(Principal.HUB, "chat.a");
    JsonObject state = node("c").state("chat.a");
    assertEquals(Set.of("alice", "bob"), subjects(state.getJsonArray("members")));
    assertEquals(3, state.getInteger("count"));
    assertEquals(1, state.getInteger("anonymous"));
    assertEquals(new JsonArray(), state.getJsonArray("missing"));
  }

  @Test
  void aStreamIsToldWhoComesAndGoesAtOtherNodes() throws Exception {
    Stream bob = node("b").streams.open(named("bob"), "chat.a");
    Stream watcher = node("a").streams.watch(named("root"), "chat.a");
    turn();
    assertEquals(1, told(watcher).size());
    assertEquals(Set.of("root", "bob"), subjects(told(watcher).get(0).getJsonArray("members")));
    node("c").streams.open(named("carol"), "chat.a");
    turn();
    assertEquals(Set.of("carol"), subjects(told(watcher).get(1).getJsonArray("joined")));
    bob.end(CloseReason.CLIENT);
    for (int i = 0; i < 7; i++) {
      turn();
    }
    assertEquals(3, told(watcher).size());
    assertEquals(Set.of("bob"), subjects(told(watcher).get(2).getJsonArray("left")));
  }

  @Test
  void nobodyIsAskedWhileNobodyWatches() throws Exception {
    node("b").streams.open(named("bob"), "chat.a");
    for (int i = 0; i < 5; i++) {
      turn();
    }
    nodes.values().forEach(node -> assertEquals(0, node.requests.get()));
    node("a").streams.watch(named("root"), "chat.a");
    turn();
    assertEquals(0, node("a").requests.get());
    assertEquals(1, node("b").requests.get());
    assertEquals(1, node("c").requests.get());
  }

  @Test
  void aNodeThatIsGoneTakesItsMembersWithItAndNobodyElse() throws Exception {
    for (Network fault : List.of(Network.REFUSED, Network.SILENT)) {
      String topic = "chat." + fault;
      Stream watcher = node("a").streams.watch(named("root"), topic);
      node("b").streams.open(named("bob"), topic);
      node("b").streams.open(named("dave"), topic);
      node("c").streams.open(named("carol"), topic);
      turn();
      assertEquals(
          Set.of("root", "bob", "dave", "carol"),
          subjects(told(watcher).get(0).getJsonArray("members")));
      node("b").network = fault;
      node("c").streams.open(named("dave"), topic); // he reconnects
      for (int i = 0; i < 9; i++) {
        turn();
      }
      assertEquals(1, told(watcher).size(), "they may come back");
      turn();
      turn();
      JsonObject left = told(watcher).get(1);
      assertEquals(2, told(watcher).size());
      assertEquals(Set.of("bob"), subjects(left.getJsonArray("left")));
      assertEquals(new JsonArray(), left.getJsonArray("joined"));
      assertEquals(new JsonArray().add("b"), left.getJsonArray("missing"));
      assertEquals(
          Set.of("root", "dave", "carol"),
          subjects(node("a").state(topic).getJsonArray("members")));
      node("b").network = Network.UP;
      if (fault == Network.SILENT) {
        return; // the request that was not answered is given up later
      }
      turn();
      JsonObject back = told(watcher).get(2);
      assertEquals(Set.of("bob"), subjects(back.getJsonArray("joined")));
      assertEquals(4, back.getInteger("count"));
    }
  }

  @Test
  void aNodeThatTakesAnothersPlaceIsNotTakenForIt() throws Exception {
    node("c").streams.open(named("alice"), "chat.a");
    assertEquals(Set.of("alice"), subjects(node("a").state("chat.a").getJsonArray("members")));
    nodes.remove("c").streams.close();
    nodes.put("d", new Node("d"));
    node("d").streams.open(named("bob"), "chat.a");
    clock.addAndGet(1_000);
    assertEquals(Set.of("bob"), subjects(node("a").state("chat.a").getJsonArray("members")));
  }

  @Test
  void theFirstStateWaitsForANodeThatIsSlowButNotForever() throws Exception {
    node("b").network = Network.SILENT;
    Stream watcher = node("a").streams.watch(named("root"), "chat.a");
    turn();
    turn();
    assertEquals(List.of(), told(watcher));
    turn();
    assertEquals(new JsonArray().add("b"), told(watcher).get(0).getJsonArray("missing"));
  }

  @Test
  void manyMembersAndTopicsAreToldInParts() throws Exception {
    var topics = new ArrayList<String>();
    for (int i = 0; i < 100; i++) {
      topics.add("chat." + "x".repeat(900) + i);
    }
    String[] all = topics.toArray(String[]::new);
    node("b").streams.open(named("bob"), all);
    for (int i = 0; i < 1_500; i++) {
      node("b").streams.open(named("member" + i), topics.get(0));
    }
    Stream watcher = node("a").streams.watch(named("root"), all);
    turn();
    Wait.until(
        "all topics are told",
        () -> {
          turn();
          return told(watcher).stream().map(one -> one.getString("topic")).distinct().count()
              == 100;
        });
    JsonObject state = node("c").state(topics.get(0));
    assertEquals(1_502, state.getInteger("principals"));
    assertEquals(1_000, state.getJsonArray("members").size());
    assertTrue(state.getBoolean("more"));
  }
}
