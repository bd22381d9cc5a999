package io.tidings.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Filter;
import io.tidings.event.ResumeRequest;
import io.tidings.log.Entry;
import io.tidings.log.EventLog;
import io.tidings.log.EventLogContract;
import io.tidings.log.Gap;
import io.tidings.log.ManualClock;
import io.tidings.log.Retention;
import io.tidings.log.redis.SharedLog;
import io.tidings.settings.LogSettings;
import io.tidings.settings.Settings;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The ring of a cluster of one node; ClusterIT has clusters of more nodes. */
class RingLogTest extends EventLogContract {
  /** The memory for the newest entries, in bytes. */
  long memory() {
    return 64 << 20;
  }

  private static final Map<Retention, Node> NODES = new HashMap<>();

  private Node node;

  @Override
  protected EventLog open(Retention keep, ManualClock clock) throws Exception {
    if (!NODES.containsKey(keep)) {
      NODES.put(keep, Node.start(keep));
    }
    node = NODES.get(keep);
    RingStore store =
        get(RingStore.open(node.cluster, node.vertx, node.settings.ring().capacity()));
    return get(SharedLog.open(store, node.settings(memory()), clock));
  }

  @AfterEach
  void forgetAll() {
    node.cluster.hazelcast().getRingbuffer(Cluster.RING).destroy();
  }

  @AfterAll
  static void stop() throws Exception {
    for (Node each : NODES.values()) {
      get(each.cluster.leave());
      get(each.vertx.close());
      each.cluster.close();
    }
    NODES.clear();
  }

  @Test
  void aReplacedRingIsNoticedAndTheLogContinuesInANewEpoch() throws Exception {
    EventLog log = log();
    List<Entry> before = publish(log, "a", "1", "2", "3");
    var received = Collections.synchronizedList(new ArrayList<Entry>());
    log.follow(received::addAll);
    forgetAll();
    Entry after = publish(log, "a", "4").get(0);
    assertNotEquals(before.get(0).position().epoch(), after.position().epoch());
    var page = get(log.after(before.get(2).position(), Filter.of("a"), 10_000));
    assertEquals(Gap.Reason.EPOCH, page.gap().orElseThrow().reason());
    assertEquals(List.of("4"), data(page.entries()));
    var start = get(log.find(new ResumeRequest.After(before.get(1).id()), Filter.of("a")));
    assertTrue(start.gap().isPresent());
    assertEquals(List.of("4"), data(List.copyOf(received)));
    List<String> ids = new ArrayList<>(before.stream().map(Entry::id).toList());
    ids.add(after.id());
    assertEquals(4, Set.copyOf(ids).size());
  }

  private record Node(Vertx vertx, Cluster cluster, LogSettings settings) {
    static Node start(Retention keep) throws Exception {
      Settings settings =
          Settings.of(
              Map.of(
                  "cluster.kind",
                  "hazelcast",
                  "cluster.name",
                  "test-" + System.nanoTime(),
                  "cluster.members",
                  "127.0.0.1",
                  "log.keep.age",
                  keep.age().toSeconds() + "s"));
      int capacity = keep.entries() == 0 ? 100_000 : (int) keep.entries();
      var small = with(settings.log(), settings.log().memory(), capacity);
      Cluster cluster = Cluster.of(with(settings, small), "test");
      Vertx vertx = get(Vertx.builder().withClusterManager(cluster.manager()).buildClustered());
      get(cluster.joined(vertx));
      return new Node(vertx, cluster, small);
    }

    LogSettings settings(long memory) {
      return with(settings, memory, settings.ring().capacity());
    }

    private static Settings with(Settings all, LogSettings log) {
      return new Settings(
          all.role(),
          all.logging(),
          all.http(),
          all.stream(),
          all.limits(),
          all.memory(),
          all.cors(),
          log,
          all.cluster(),
          all.bus(),
          all.producer(),
          all.stats(),
          all.scenes());
    }

    /** Settings outside the bounds that are checked for users. */
    private static LogSettings with(LogSettings log, long memory, int capacity) {
      return new LogSettings(
          log.kind(),
          log.dir(),
          log.sync(),
          ONCE,
          memory,
          log.keep(),
          log.patience(),
          new LogSettings.Ring(capacity, 1),
          log.redis());
    }
  }
}
