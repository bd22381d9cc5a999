package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.tidings.cli.StoppedNodeLog;
import io.tidings.event.Position;
import io.tidings.event.ResumeRequest;
import io.tidings.event.Selection;
import io.tidings.log.Entry;
import io.tidings.log.EpochAncestors;
import io.tidings.log.ExpiringRecord;
import io.tidings.log.FetchedLog;
import io.tidings.log.FetchedState;
import io.tidings.log.LocalLog;
import io.tidings.log.LogParts;
import io.tidings.log.Retention;
import io.tidings.log.SegmentPart;
import io.tidings.log.StreamStart;
import io.tidings.log.disk.DiskFetch;
import io.tidings.log.disk.DiskLog;
import io.tidings.metrics.Metrics;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ClusterRecoveryTest {
  private static final Runnable NO_CRASH = () -> {};

  @TempDir Path directory;

  private static final class Crash extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private static ClusterRecovery recovery(RaftCluster cluster, int node, Runnable beforeStep) {
    return new ClusterRecovery(
        cluster.voters(node),
        cluster.node(node).directory(),
        new StoppedNodeLog(cluster.node(node).directory()),
        InstantSource.system(),
        beforeStep);
  }

  private static StreamStart resume(RaftCluster.Node node, Position after) throws Exception {
    return RaftCluster.get(
        node.log.find(
            new ResumeRequest.After(after.toString()), Selection.EVERYTHING, Selection.EVERYTHING));
  }

  /** As of a node that has stored events in its Raft log, and not heard that they are committed. */
  private static void forgetApplied(RaftCluster.Node node, long epoch, long last)
      throws IOException {
    LocalLog log =
        DiskLog.openReplica(
            node.settings, epoch, OptionalLong.of(last), InstantSource.system(), new Metrics());
    log.close();
  }

  private static List<Entry> publish(RaftCluster cluster, int count) throws Exception {
    var entries = new ArrayList<Entry>();
    for (int i = 0; i < count; i++) {
      entries.addAll(cluster.leader().publish("a", "event " + i));
    }
    for (RaftCluster.Node node : cluster.nodes()) {
      Wait.until("all have it", () -> node.log.bounds().newest() == count);
    }
    return entries;
  }

  private static NodeRefused refused(RaftCluster.Node node) {
    var failure = assertThrows(ExecutionException.class, () -> RaftCluster.get(node.open()));
    return assertInstanceOf(NodeRefused.class, failure.getCause());
  }

  @Test
  void twoRecoveriesOfOneDirectoryExcludeEachOther() throws Exception {
    try (var cluster = new RaftCluster(directory, 2).start()) {
      publish(cluster, 1);
      cluster.close();
      var refusals = new ArrayList<String>();
      Runnable second =
          () -> {
            var refused =
                assertThrows(IOException.class, () -> recovery(cluster, 0, NO_CRASH).run());
            refusals.add(refused.getMessage());
          };
      recovery(cluster, 0, second).run();
      assertFalse(refusals.isEmpty());
      refusals.forEach(
          refusal -> assertTrue(refusal.contains("is being recovered by another"), refusal));
      RaftCluster.get(cluster.node(0).open());
    }
  }

  @Test
  void theNodeGoesOnAloneWithAllThatItHadUnderANewEpoch() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      List<Entry> old = publish(cluster, 20);
      RaftCluster.get(cluster.leader().log.setCheckpoint("relay", old.get(5).id()));
      var revoked =
          new ExpiringRecord(
              "revocation", "one", "revoked", Instant.now().plus(Duration.ofHours(1)));
      RaftCluster.get(cluster.leader().log.records().putIfAbsent(revoked));
      RaftCluster.get(cluster.leader().append("a", "key", "keyed"));
      cluster.close();
      RaftCluster.Node left = cluster.node(0);
      forgetApplied(left, old.get(0).position().epoch(), 15);

      ClusterRecovery.Result result = recovery(cluster, 0, NO_CRASH).run();

      assertEquals(old.get(14).position(), result.common());
      assertEquals(Optional.empty(), result.damage());
      RaftCluster.get(left.open());
      assertEquals(
          List.of(left.address()), left.log.voters().stream().map(Voters.Voter::id).toList());
      List<String> data = left.data();
      assertEquals(old.stream().map(one -> one.event().data()).toList(), data.subList(0, 20));
      assertEquals("keyed", data.get(20));
      Entry fresh = left.publish("a", "new").get(0);
      assertEquals(22, fresh.offset());
      assertNotEquals(old.get(0).position().epoch(), fresh.position().epoch());
      assertEquals(21, RaftCluster.get(left.append("a", "key", "keyed")).get(0).offset());
      assertEquals(Optional.of(old.get(5).id()), RaftCluster.get(left.log.checkpoint("relay")));
      var revocations = new CopyOnWriteArrayList<ExpiringRecord>();
      left.log.records().follow("revocation", revocations::add);
      assertEquals(List.of(revoked), revocations);

      StreamStart known = resume(left, old.get(14).position());
      assertEquals(Optional.empty(), known.gap());
      assertEquals(15, known.after().offset());
      StreamStart further = resume(left, old.get(16).position());
      assertTrue(further.gap().isPresent(), "what others had delivered may be another event");
      assertEquals(15, further.after().offset());
    }
  }

  @Test
  void aCrashAtAnyStepIsMendedByRepeatingItAndUntilThenNoNodeStarts() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      List<Entry> old = publish(cluster, 20);
      cluster.close();
      RaftCluster.Node left = cluster.node(0);
      forgetApplied(left, old.get(0).position().epoch(), 15);
      Optional<ClusterRecovery.Result> result = Optional.empty();
      int crashes = 0;
      while (result.isEmpty()) {
        int crashAt = crashes;
        var steps = new int[1];
        Runnable step =
            () -> {
              if (steps[0]++ == crashAt) {
                throw new Crash();
              }
            };
        try {
          result = Optional.of(recovery(cluster, 0, step).run());
        } catch (Crash e) {
          crashes++;
          if (crashAt > 0) {
            NodeRefused why = refused(left);
            assertTrue(why.getMessage().contains("was interrupted"), why::getMessage);
          }
        }
      }
      assertTrue(crashes >= 5, "crashes: " + crashes);
      assertEquals(old.get(14).position(), result.get().common());
      RaftCluster.get(left.open());
      assertEquals(20, left.data().size());
      left.publish("a", "new");
      assertEquals(21, left.log.bounds().newest());
    }
  }

  @Test
  void nodesOfTheOldClusterAreRefusedAndNeverMixWithTheNewOne() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      publish(cluster, 5);
      cluster.close();
      RaftCluster.Node left = cluster.node(0);
      recovery(cluster, 0, NO_CRASH).run();
      // the others run as if they had not been lost, before they can reach the recovered node
      var opened = List.of(cluster.node(1).open(), cluster.node(2).open());
      for (var one : opened) {
        RaftCluster.get(one);
      }
      Wait.until("they lead", () -> cluster.node(1).leads() || cluster.node(2).leads());
      RaftCluster.Node old = cluster.node(1).leads() ? cluster.node(1) : cluster.node(2);
      for (int i = 0; i < 5; i++) {
        old.publish("a", "old");
      }
      RaftCluster.get(left.open());
      Wait.until("it leads", left::leads);
      left.publish("a", "new");
      assertEquals(6, left.log.bounds().newest());
      assertEquals(10, old.log.bounds().newest());
      assertFalse(left.data().contains("old"));

      for (int node = 1; node < 3; node++) {
        RaftCluster.Node one = cluster.node(node);
        Wait.until(
            "it is ended, though nobody told it so when it started",
            () ->
                one.log.outside().filter(end -> end.contains("recovered without it")).isPresent());
      }
      cluster.node(1).stop();
      NodeRefused why = refused(cluster.node(1));
      assertTrue(why.getMessage().contains("was recovered without it"), why::getMessage);
      assertTrue(why.getMessage().contains(left.address()), why::getMessage);
      left.publish("a", "new");
      assertEquals(7, left.log.bounds().newest());
    }
  }

  @Test
  void othersThatRunAreFound() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      publish(cluster, 5);
      var used =
          assertThrows(
              IOException.class, () -> recovery(cluster, 0, NO_CRASH).survey(Optional.empty()));
      assertTrue(used.getMessage().contains("is used by another hub"), used::getMessage);
      cluster.node(0).stop();
      ClusterRecovery.Survey all = recovery(cluster, 0, NO_CRASH).survey(Optional.empty());
      assertEquals(2, all.answering().size());
      assertTrue(all.majority());
      cluster.node(1).stop();
      assertTrue(recovery(cluster, 0, NO_CRASH).survey(Optional.empty()).majority());
      cluster.node(2).stop();
      ClusterRecovery.Survey none = recovery(cluster, 0, NO_CRASH).survey(Optional.empty());
      assertFalse(none.majority());
      assertEquals(5, none.last());

      recovery(cluster, 2, NO_CRASH).run();
      RaftCluster.get(cluster.node(2).open());
      var late =
          assertThrows(
              IOException.class, () -> recovery(cluster, 0, NO_CRASH).survey(Optional.empty()));
      assertTrue(late.getMessage().contains("was recovered without it"), late::getMessage);
    }
  }

  @Test
  void aDamagedRaftLogIsKeptUpToTheDamageWhichIsSaid() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      List<Entry> old = publish(cluster, 20);
      cluster.close();
      RaftCluster.Node left = cluster.node(0);
      forgetApplied(left, old.get(0).position().epoch(), 0);
      damage(left.directory(), "event 12");

      ClusterRecovery.Result result = recovery(cluster, 0, NO_CRASH).run();

      assertTrue(result.damage().orElse("").contains("is damaged after index"), result::toString);
      RaftCluster.get(left.open());
      assertEquals(12, left.data().size(), "event 0 to event 11");
    }
  }

  @Test
  void whatWasAppliedIsKeptThoughTheRaftLogIsDamagedBeforeIt() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      publish(cluster, 20);
      cluster.close();
      RaftCluster.Node left = cluster.node(0);
      damage(left.directory(), "event 12");
      assertTrue(recovery(cluster, 0, NO_CRASH).run().damage().isPresent());
      RaftCluster.get(left.open());
      assertEquals(20, left.data().size());
      assertEquals(21, left.publish("a", "new").get(0).offset());
    }
  }

  /** Changes a byte of the event with that data, in whichever file of the Raft log it is. */
  private static void damage(Path directory, String data) throws IOException {
    try (Stream<Path> files = Files.walk(directory.resolve("raft"))) {
      for (Path file : files.filter(ClusterRecoveryTest::isRaftLog).toList()) {
        byte[] bytes = Files.readAllBytes(file);
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(data);
        if (at >= 0) {
          bytes[at] ^= 1;
          Files.write(file, bytes, StandardOpenOption.TRUNCATE_EXISTING);
          return;
        }
      }
    }
    throw new AssertionError("no file has " + data);
  }

  private static boolean isRaftLog(Path file) {
    return file.getFileName().toString().startsWith("log_");
  }

  @Test
  void aNewNodeWithAnEmptyDirectoryJoinsTheRecoveredCluster() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      publish(cluster, 5);
      cluster.close();
      recovery(cluster, 0, NO_CRASH).run();
      RaftCluster.Node left = cluster.node(0);
      RaftCluster.get(left.open());
      RaftCluster.Node fresh = cluster.addNode();
      LostDiskTest.copy(left.directory(), fresh.directory());
      var opening = fresh.open();
      RaftCluster.Node second = cluster.addNode();
      LostDiskTest.copy(left.directory(), second.directory());
      var openingSecond = second.open();
      Wait.until(
          "three voters",
          () -> {
            try {
              RaftCluster.get(
                  left.log.changeVoters(
                      List.of(left.address(), fresh.address(), second.address())));
              return true;
            } catch (Exception e) {
              return false;
            }
          });
      RaftCluster.get(opening);
      RaftCluster.get(openingSecond);
      left.publish("a", "new");
      Wait.until("it is level", () -> fresh.log.bounds().newest() == 6);
      left.stop();
      Wait.until("another one leads", () -> fresh.leads() || second.leads());
      (fresh.leads() ? fresh : second).publish("a", "newer");
    }
  }

  @Test
  void nodesWithEmptyDirectoriesFetchTheLogFromTheRecoveredOneAndOldIdsResumeOnThem()
      throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      List<Entry> old = publish(cluster, 5);
      cluster.close();
      recovery(cluster, 0, NO_CRASH).run();
      RaftCluster.Node left = cluster.node(0);
      RaftCluster.get(left.open());
      List<RaftCluster.Node> fresh = List.of(cluster.addNode(), cluster.addNode());
      var opening = fresh.stream().map(RaftCluster.Node::open).toList();
      List<String> three =
          Stream.concat(Stream.of(left), fresh.stream()).map(RaftCluster.Node::address).toList();
      Wait.until("three voters", () -> changed(left, three));
      for (var one : opening) {
        RaftCluster.get(one);
      }
      left.publish("a", "new");
      for (RaftCluster.Node node : fresh) {
        Wait.until("it is level", () -> node.log.bounds().newest() == 6);
        assertEquals(left.data(), node.data());
        assertEquals(Optional.empty(), resume(node, old.get(2).position()).gap());
        assertEquals(3, resume(node, old.get(2).position()).after().offset());
      }
      left.stop();
      Wait.until("another one leads", () -> fresh.stream().anyMatch(RaftCluster.Node::leads));
    }
  }

  private static boolean changed(RaftCluster.Node leader, List<String> voters) {
    try {
      RaftCluster.get(leader.log.changeVoters(voters));
      return true;
    } catch (Exception e) {
      return false;
    }
  }

  @Test
  void whatANodeHadFetchedAndNotInstalledYetIsPartOfTheRecoveredLog() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      RaftCluster.Node left = cluster.node(0);
      List<Entry> old = publish(cluster, 5);
      left.stop();
      for (int i = 0; i < 5; i++) {
        cluster.leader().publish("a", "fetched");
      }
      long epoch = old.get(0).position().epoch();
      RaftCluster.Node peer = cluster.leader();
      cluster.close();
      decideToInstall(cluster, peer, left, epoch);

      ClusterRecovery.Result result = recovery(cluster, 0, NO_CRASH).run();

      assertEquals(new Position(epoch, 10), result.common());
      RaftCluster.get(left.open());
      assertEquals(left.data().subList(5, 10), Collections.nCopies(5, "fetched"));
      assertEquals(11, left.publish("a", "new").get(0).offset());
    }
  }

  /** As of a node that has received all that the other one has, and ends then. */
  private static void decideToInstall(
      RaftCluster cluster, RaftCluster.Node peer, RaftCluster.Node to, long epoch)
      throws Exception {
    recovery(cluster, cluster.nodes().indexOf(peer), NO_CRASH).run(); // it saves its state
    LogParts parts = DiskFetch.source(peer.settings).parts();
    var log = new LogParts(epoch, EpochAncestors.NONE, parts.segments());
    SavedState saved = newestState(peer);
    FetchedLog fetched = DiskFetch.target(to.settings, Retention.unlimited());
    for (SegmentPart part : fetched.plan(log, 0, 10)) {
      byte[] bytes =
          DiskFetch.source(peer.settings).read(part.first(), part.salt(), 0, (int) part.length());
      fetched.write(part, ByteBuffer.wrap(bytes));
      fetched.complete(part);
    }
    fetched.storeState(saved.state().recovered(epoch, 11).encode());
    var empty = new LogParts(epoch, EpochAncestors.NONE, List.of());
    long term = saved.position().getTerm();
    long index = saved.position().getIndex();
    fetched.decide(new FetchedState(empty, fetched.kept(0, 10), term, index, new byte[0]));
  }

  private static SavedState newestState(RaftCluster.Node node) throws IOException {
    try (Stream<Path> all = Files.walk(node.directory().resolve("raft"))) {
      Path states = all.filter(file -> file.endsWith("sm")).findFirst().orElseThrow();
      return SavedState.newest(states).orElseThrow();
    }
  }

  private static boolean edgeWaits() {
    return Thread.getAllStackTraces().values().stream()
        .flatMap(Arrays::stream)
        .anyMatch(frame -> frame.getMethodName().equals("awaitAny"));
  }

  @Test
  void anEdgeIsLeftAndBecomesTheOnlyVoter() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      RaftCluster.Node edge = cluster.startEdge();
      publish(cluster, 5);
      cluster.close();
      edge.edge = false;
      recovery(cluster, 3, NO_CRASH).run();
      RaftCluster.get(edge.open());
      Wait.until("it leads", edge::leads);
      assertEquals(6, edge.publish("a", "new").get(0).offset());
    }
  }

  @Test
  void anEdgeThatStartsBeforeTheRecoveredNodeFollowsIt() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      publish(cluster, 5);
      cluster.close();
      recovery(cluster, 0, NO_CRASH).run();
      RaftCluster.Node edge = cluster.addEdge();
      var opening = edge.open();
      Wait.until("it waits", ClusterRecoveryTest::edgeWaits);
      RaftCluster.get(cluster.node(0).open());
      RaftCluster.get(opening);
      Wait.until("it is level", () -> edge.log.bounds().newest() == 5);
    }
  }
}
