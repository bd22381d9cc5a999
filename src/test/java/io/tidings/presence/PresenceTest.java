package io.tidings.presence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.auth.Grants;
import io.tidings.auth.Principal;
import io.tidings.cluster.AllNodes;
import io.tidings.event.Filter;
import io.tidings.fanout.CloseReason;
import io.tidings.fanout.TestStreams;
import io.tidings.fanout.TestStreams.Stream;
import io.tidings.fanout.Traffic;
import io.tidings.settings.PresenceSettings;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Presence on a single hub. The test owns the clock and the turns. */
@Timeout(60)
class PresenceTest {
  private static final Duration LINGER = Duration.ofSeconds(5);

  private final AtomicLong clock = new AtomicLong();
  private Presence presence;
  private TestStreams streams;

  @BeforeEach
  void open() throws Exception {
    presence =
        new Presence(
            new PresenceSettings(List.of("chat.**"), LINGER),
            new AllNodes("alone", Optional.empty()),
            clock::get,
            InstantSource.fixed(Instant.ofEpochSecond(1_800_000_000)));
    streams = new TestStreams(presence);
    presence.runOn(streams.context());
  }

  @AfterEach
  void close() throws Exception {
    streams.close();
  }

  private static Principal named(String subject, String payload) {
    var grants = new Grants(Optional.of(Filter.of("**")), Optional.empty(), false);
    return new Principal(
        "issuer",
        subject,
        grants,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(payload).filter(json -> !json.isEmpty()));
  }

  private static Principal named(String subject) {
    return named(subject, "");
  }

  /** One who may see names. */
  private static Principal seeing(String subject) {
    return new Principal(
        "issuer", subject, Grants.ALL, Optional.empty(), Optional.empty(), Optional.empty());
  }

  private static Principal nobody() {
    return Principal.HUB;
  }

  /** What happens once a second. */
  private void turn() throws Exception {
    streams.run(presence::poll);
    streams.run(presence::tell);
    streams.run(() -> {}); // that the streams were told is known
  }

  private void pass(Duration time) {
    clock.addAndGet(time.toMillis());
  }

  private JsonObject state(String topic) throws Exception {
    return presence
        .state(topic)
        .toCompletionStage()
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS)
        .json(1_000);
  }

  private static Set<String> subjects(JsonArray members) {
    var subjects = new HashSet<String>();
    members.forEach(one -> subjects.add(((JsonObject) one).getString("subject")));
    return subjects;
  }

  private Set<String> present(String topic) throws Exception {
    return subjects(state(topic).getJsonArray("members"));
  }

  private static List<JsonObject> told(Stream stream) throws Exception {
    return stream.received("hub.presence");
  }

  @Test
  void severalStreamsOfAPrincipalAreOneMember() throws Exception {
    Stream one = streams.open(named("alice", "{\"name\":\"Al\"}"), "chat.a");
    streams.open(named("alice", "{\"name\":\"Alice\"}"), "chat.a", "chat.b");
    JsonObject state = state("chat.a");
    assertEquals(1, state.getInteger("count"));
    JsonObject alice = state.getJsonArray("members").getJsonObject(0);
    assertEquals("issuer", alice.getString("issuer"));
    assertEquals(2, alice.getInteger("streams"));
    assertEquals("Alice", alice.getJsonObject("payload").getString("name"));
    assertEquals("2027-01-15T08:00:00Z", alice.getString("since"));
    one.end(CloseReason.CLIENT);
    pass(LINGER);
    turn();
    assertEquals(1, state("chat.a").getJsonArray("members").getJsonObject(0).getInteger("streams"));
    assertEquals(Set.of("alice"), present("chat.b"));
  }

  @Test
  void onlyTopicsOfTheSettingThatAreNamedCount() throws Exception {
    streams.open(named("alice"), "chat.*", "news");
    streams.open(named("bob"), "chat.a", "news");
    assertEquals(Set.of("bob"), present("chat.a"));
    assertFalse(presence.has("news"));
    assertTrue(presence.has("chat.a"));
  }

  @Test
  void streamsWithoutATokenAreCounted() throws Exception {
    Stream one = streams.open(nobody(), "chat.a");
    streams.open(nobody(), "chat.a");
    streams.open(nobody(), Traffic.DASHBOARD, true, "chat.a");
    JsonObject state = state("chat.a");
    assertEquals(2, state.getInteger("anonymous"));
    assertEquals(2, state.getInteger("count"));
    assertEquals(0, state.getInteger("principals"));
    one.end(CloseReason.CLIENT);
    streams.open(nobody(), "chat.a");
    assertEquals(2, state("chat.a").getInteger("anonymous"), "it has come back");
  }

  @ParameterizedTest
  @EnumSource(CloseReason.class)
  void aStreamThatEndsForWhateverReasonLeavesAfterTheLinger(CloseReason why) throws Exception {
    Stream stream = streams.open(named("alice"), "chat.a");
    stream.end(why);
    assertEquals(Set.of("alice"), present("chat.a"));
    pass(LINGER.minusMillis(1));
    turn();
    assertEquals(Set.of("alice"), present("chat.a"));
    pass(Duration.ofMillis(1));
    turn();
    assertEquals(Set.of(), present("chat.a"));
  }

  @Test
  void aReconnectWithinTheLingerIsToldToNobody() throws Exception {
    Stream watcher = streams.watch(seeing("root"), "chat.a");
    Stream stream = streams.open(named("alice"), "chat.a");
    turn();
    assertEquals(1, told(watcher).size());
    stream.end(CloseReason.CLIENT);
    pass(Duration.ofSeconds(3));
    turn();
    streams.open(named("alice"), "chat.a");
    pass(LINGER);
    turn();
    assertEquals(1, told(watcher).size());
    assertEquals(Set.of("root", "alice"), present("chat.a"));
  }

  @Test
  void aStreamIsToldTheStateAndThenTheChanges() throws Exception {
    streams.open(named("bob", "7"), "chat.a");
    Stream watcher = streams.watch(seeing("alice"), "chat.a", "chat.*", "news");
    assertEquals(List.of(), told(watcher));
    turn();
    JsonObject state = told(watcher).get(0);
    assertEquals("chat.a", state.getString("topic"));
    assertEquals(2, state.getInteger("count"));
    assertEquals(Set.of("alice", "bob"), subjects(state.getJsonArray("members")));
    Stream carol = streams.open(named("carol", "[1]"), "chat.a");
    turn();
    turn();
    JsonObject change = told(watcher).get(1);
    assertEquals(2, told(watcher).size());
    assertEquals(3, change.getInteger("principals"));
    assertEquals(Set.of("carol"), subjects(change.getJsonArray("joined")));
    assertEquals(
        new JsonArray().add(1),
        change.getJsonArray("joined").getJsonObject(0).getJsonArray("payload"));
    assertEquals(new JsonArray(), change.getJsonArray("left"));
    carol.end(CloseReason.REVOKED);
    pass(LINGER);
    turn();
    assertEquals(Set.of("carol"), subjects(told(watcher).get(2).getJsonArray("left")));
  }

  @Test
  void whoMayNotSeeNamesIsToldCounts() throws Exception {
    Stream watcher = streams.watch(named("alice"), "chat.a");
    turn();
    streams.open(named("bob", "\"secret\""), "chat.a");
    turn();
    assertEquals(
        List.of(1, 2), told(watcher).stream().map(one -> one.getInteger("count")).toList());
    for (JsonObject one : told(watcher)) {
      assertEquals(Set.of("topic", "count", "principals", "anonymous"), one.fieldNames());
    }
  }

  @Test
  void changesOfOneTurnAreOneEvent() throws Exception {
    Stream watcher = streams.watch(seeing("root"), "chat.a");
    turn();
    for (int i = 0; i < 20; i++) {
      streams.open(named("member" + i), "chat.a");
    }
    turn();
    assertEquals(2, told(watcher).size());
    assertEquals(20, told(watcher).get(1).getJsonArray("joined").size());
  }

  @Test
  void aStreamThatIsSlowIsToldTheNewestStateAndNothingInBetween() throws Exception {
    Stream watcher = streams.watch(seeing("root"), "chat.a");
    Stream other = streams.watch(seeing("other"), "chat.a");
    turn();
    watcher.block();
    var expected = new HashSet<>(Set.of("root", "other"));
    for (int i = 0; i < 5; i++) {
      streams.open(named("member" + i), "chat.a");
      expected.add("member" + i);
      turn();
    }
    assertEquals(1, told(watcher).size());
    assertEquals(6, told(other).size());
    watcher.unblock();
    turn();
    turn();
    assertEquals(2, told(watcher).size());
    assertEquals(expected, subjects(told(watcher).get(1).getJsonArray("members")));
    streams.open(named("last"), "chat.a");
    turn();
    assertEquals(Set.of("last"), subjects(told(watcher).get(2).getJsonArray("joined")));
  }

  @Test
  void anEventHasABoundAndSaysWhatIsLeftOut() throws Exception {
    Stream watcher = streams.watch(seeing("root"), "chat.a");
    turn();
    for (int i = 0; i < 50; i++) {
      streams.open(named("member" + i, "\"" + "x".repeat(1_000) + "\""), "chat.a");
    }
    turn();
    JsonObject change = told(watcher).get(1);
    assertTrue(change.encode().length() < 8_000, change::encode);
    assertTrue(change.getBoolean("more"));
    assertTrue(change.getJsonArray("joined").size() > 1);
    assertEquals(51, change.getInteger("count"));
    assertEquals(51, state("chat.a").getJsonArray("members").size());
  }

  @Test
  void aRenewalMovesPresence() throws Exception {
    Stream watcher = streams.watch(seeing("root"), "chat.a");
    Stream stream = streams.open(named("alice", "1"), "chat.a", "chat.b");
    turn();
    stream.renew(named("alice", "2"), "chat.b", "chat.c");
    pass(LINGER);
    turn();
    assertEquals(Set.of("root"), present("chat.a"));
    assertEquals(Set.of("alice"), present("chat.b"));
    assertEquals(Set.of("alice"), present("chat.c"));
    assertEquals(2, state("chat.b").getJsonArray("members").getJsonObject(0).getInteger("payload"));
    assertEquals(Set.of("alice"), subjects(told(watcher).get(1).getJsonArray("left")));
    stream.renew(named("alice", "2"), "news");
    pass(LINGER);
    turn();
    assertEquals(Set.of(), present("chat.b"));
    watcher.renew(seeing("root"), "chat.c");
    turn();
    JsonObject last = told(watcher).get(told(watcher).size() - 1);
    assertEquals("chat.c", last.getString("topic"));
    assertEquals(Set.of("root"), subjects(last.getJsonArray("members")));
  }

  @Test
  void aStreamThatLosesTheGrantIsToldNoNamesAnyMore() throws Exception {
    Stream watcher = streams.watch(seeing("root"), "chat.a");
    turn();
    watcher.renew(named("root"));
    streams.open(named("alice"), "chat.a");
    turn();
    JsonObject state = told(watcher).get(1);
    assertEquals(2, state.getInteger("count"));
    assertFalse(state.containsKey("members"));
    watcher.renew(seeing("root"));
    turn();
    assertEquals(Set.of("root", "alice"), subjects(told(watcher).get(2).getJsonArray("members")));
  }

  @Test
  void aRenewalHoldsForWhatIsOnItsWayToTheStream() throws Exception {
    Stream one = streams.watch(seeing("one"), "chat.a");
    Stream two = streams.watch(seeing("two"), "chat.a");
    turn();
    streams.open(named("alice"), "chat.a");
    streams.run(
        () -> {
          presence.tell();
          one.renewNow(named("one"));
          two.renewNow(seeing("two"), "chat.b");
        });
    streams.run(() -> {});
    assertEquals(1, told(one).size());
    assertEquals(1, told(two).size());
    turn();
    assertFalse(told(one).get(1).containsKey("members"));
    assertEquals("chat.b", told(two).get(1).getString("topic"));
  }

  @Test
  void aStreamThatWatchesAndEndsIsForgotten() throws Exception {
    var all = new ArrayList<Stream>();
    for (int i = 0; i < 10; i++) {
      all.add(streams.watch(named("alice" + i), "chat.a", "news"));
      all.get(i).renew(named("alice" + i), "news");
    }
    for (Stream one : all) {
      one.end(CloseReason.CLIENT);
    }
    pass(LINGER);
    turn();
    assertTrue(presence.isEmpty());
  }
}
