package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.tidings.cli.LogCommand;
import io.tidings.event.Event;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Position;
import io.tidings.event.Publication;
import io.tidings.event.ResumeRequest;
import io.tidings.event.Selection;
import io.tidings.log.Entry;
import io.tidings.log.EventLog;
import io.tidings.log.ExpiringRecord;
import io.tidings.log.ExpiringRecords;
import io.tidings.log.Page;
import io.tidings.log.StreamStart;
import io.tidings.log.disk.DiskLog;
import io.tidings.log.disk.LogFiles;
import io.tidings.metrics.Metrics;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class SingleNodeToClusterTest {
  @TempDir Path directory;
  private Path data;
  private final List<Entry> old = new ArrayList<>();

  private static final Publication KEYED =
      new Publication(List.of(Event.of("a", "keyed 1"), Event.of("b", "keyed 2")), "key", false);
  private static final Publication ONCE =
      new Publication(List.of(new Event(List.of("a"), "", "id", Event.NO_RETRY, "x")), "", true);

  /** The first of its events is known by its id when it is published. */
  private static final Publication BOTH =
      new Publication(
          List.of(
              new Event(List.of("a"), "", "id", Event.NO_RETRY, "x"),
              new Event(List.of("a"), "", "id 2", Event.NO_RETRY, "y")),
          "key of both",
          true);

  private static final List<Publication> SCOPED =
      List.of(KEYED.withScope("s"), ONCE.withScope("s"), KEYED.withScope("t"), ONCE.withScope("t"));

  @BeforeEach
  void runASingleNode() throws Exception {
    data = directory.resolve("data");
    EventLog log = single(data);
    for (int i = 0; i < 50; i++) {
      old.addAll(append(log, Publication.of(List.of(Event.of("a", "event " + i)))));
    }
    for (Publication publication : List.of(KEYED, ONCE)) {
      old.addAll(append(log, publication));
    }
    old.add(append(log, BOTH).get(1));
    for (Publication publication : SCOPED) {
      old.addAll(append(log, publication));
    }
    RaftCluster.get(log.close());
  }

  private static EventLog single(Path dir) throws IOException {
    Settings settings = Settings.of(Map.of("log.dir", dir.toString()));
    return DiskLog.open(settings.log(), InstantSource.system(), new Metrics());
  }

  private static List<Entry> append(EventLog log, Publication publication) throws Exception {
    return RaftCluster.get(log.append(publication));
  }

  private static String run(Path dir, String... arguments) throws Exception {
    var bytes = new ByteArrayOutputStream();
    var all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--dir", dir.toString()));
    int status = LogCommand.run(all, new PrintStream(bytes, true, StandardCharsets.UTF_8));
    assertEquals(0, status, () -> bytes.toString(StandardCharsets.UTF_8));
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file)));
      }
    }
  }

  private RaftCluster cluster() throws Exception {
    var cluster = new RaftCluster(directory, 3);
    for (RaftCluster.Node node : cluster.nodes()) {
      copy(data, node.directory());
    }
    return cluster.start();
  }

  private static List<Position> positions(List<Entry> entries) {
    return entries.stream().map(Entry::position).toList();
  }

  private static List<String> described(List<Entry> entries) {
    return entries.stream()
        .map(entry -> entry.position() + " " + entry.time() + " " + entry.event())
        .toList();
  }

  @Test
  void aClusterOfOneThatContinuesASingleNodesLogGrows() throws Exception {
    run(data, "to-cluster");
    Path raft = Files.createDirectories(directory.resolve("cluster"));
    try (var cluster = new RaftCluster(raft, 1)) {
      RaftCluster.Node one = cluster.node(0);
      copy(data, one.directory());
      cluster.start();
      one.publish("a", "new");
      RaftCluster.Node two = cluster.addNode();
      RaftCluster.Node three = cluster.addNode();
      RaftCluster.Node edge = cluster.addEdge();
      List<Future<RaftLog>> opening = List.of(two.open(), three.open(), edge.open());
      MembersTest.replace(one, one, two, three);
      for (Future<RaftLog> log : opening) {
        RaftCluster.get(log);
      }
      for (RaftCluster.Node node : List.of(two, three, edge)) {
        long newest = one.log.bounds().newest();
        Wait.until("it is level", () -> node.log.bounds().newest() == newest);
        assertEquals(positions(old.subList(50, 52)), positions(append(node.log, KEYED)));
        StreamStart start =
            RaftCluster.get(
                node.log.find(
                    new ResumeRequest.After(old.get(0).id()),
                    Selection.EVERYTHING,
                    Selection.EVERYTHING));
        assertTrue(start.gap().isEmpty());
      }
    }
  }

  @Test
  void aClusterContinuesTheLogOfASingleNode() throws Exception {
    assertTrue(run(data, "to-cluster").contains("60 entries and 8 keys and ids"));
    try (RaftCluster cluster = cluster()) {
      Entry fresh = cluster.follower().publish("a", "new").get(0);
      assertTrue(fresh.offset() > old.get(old.size() - 1).offset());
      for (RaftCluster.Node node : cluster.nodes()) {
        for (Entry entry : List.of(old.get(0), old.get(49), old.get(52))) {
          StreamStart start =
              RaftCluster.get(
                  node.log.find(
                      new ResumeRequest.After(entry.id()),
                      Selection.EVERYTHING,
                      Selection.EVERYTHING));
          assertTrue(start.gap().isEmpty());
          assertEquals(entry.position(), start.after());
        }
        RaftCluster.get(
            node.log.find(
                new ResumeRequest.After(fresh.id()), Selection.EVERYTHING, Selection.EVERYTHING));
        Page page =
            RaftCluster.get(
                node.log.after(node.log.bounds().begin(), Selection.EVERYTHING, 64 << 20));
        var expected = new ArrayList<>(old);
        expected.add(fresh);
        assertEquals(described(expected), described(page.entries()));
      }
    }
  }

  private static ExpiringRecord expiring(String key, String value) {
    return new ExpiringRecord("kind", key, value, Instant.parse("2100-01-01T00:00:00Z"));
  }

  private static List<String> values(EventLog log) {
    List<String> values = new CopyOnWriteArrayList<>();
    log.records().follow("kind", record -> values.add(record.value()));
    return values;
  }

  @Test
  void expiringRecordsGoOnInTheClusterInBackupsAndBackInASingleNode() throws Exception {
    EventLog log = single(data);
    RaftCluster.get(log.records().putIfAbsent(expiring("1", "of the single node")));
    RaftCluster.get(log.close());
    run(data, "to-cluster");
    List<String> both = List.of("of the single node", "of the cluster");
    Path backup = directory.resolve("backup");
    Path node;
    try (RaftCluster cluster = cluster()) {
      node = cluster.node(2).directory();
      ExpiringRecords at = cluster.node(1).log.records();
      assertEquals(
          "of the single node", RaftCluster.get(at.putIfAbsent(expiring("1", "2"))).value());
      RaftCluster.get(at.putIfAbsent(expiring("3", "of the cluster")));
      for (RaftCluster.Node one : cluster.nodes()) {
        List<String> values = values(one.log);
        Wait.until("all are there", () -> values.equals(both));
      }
      Wait.until(
          "its copy is written",
          () -> {
            try (LogFiles files = LogFiles.open(node)) {
              return files.expiring().size() == 2;
            }
          });
      run(node, "backup", backup.toString());
    }
    try (Stream<Path> raft = Files.walk(node.resolve("raft"))) {
      raft.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
    }
    for (Path alone : List.of(node, backup)) {
      EventLog continued = single(alone);
      assertEquals(both, values(continued));
      RaftCluster.get(continued.close());
    }
  }

  @Test
  void repetitionsOfWhatTheSingleNodeHadAreRecognisedOnEveryNodeAlsoAfterARestart()
      throws Exception {
    run(data, "to-cluster", "--once", "24h");
    try (RaftCluster cluster = cluster()) {
      for (int life = 0; life < 2; life++) {
        for (RaftCluster.Node node : cluster.nodes()) {
          assertEquals(positions(old.subList(50, 52)), positions(append(node.log, KEYED)));
          assertEquals(positions(old.subList(52, 53)), positions(append(node.log, ONCE)));
          assertEquals(positions(old.subList(52, 54)), positions(append(node.log, BOTH)));
          var scoped = new ArrayList<Entry>();
          for (Publication publication : SCOPED) {
            scoped.addAll(append(node.log, publication));
          }
          assertEquals(positions(old.subList(54, 60)), positions(scoped));
          var other = new Publication(List.of(Event.of("a", "other")), "key", false);
          var failure = assertThrows(ExecutionException.class, () -> append(node.log, other));
          assertInstanceOf(InvalidEvent.class, failure.getCause());
        }
        cluster.close();
        cluster.start();
      }
    }
  }

  @Test
  void offsetsThatTheSingleNodeMayHaveAssignedBeforeItWasKilledAreNotAssignedAgain()
      throws Exception {
    EventLog running = single(data);
    append(running, Publication.of(List.of(Event.of("a", "seen by clients"))));
    Path killed = directory.resolve("killed");
    copy(data, killed);
    RaftCluster.get(running.close());
    run(killed, "to-cluster");
    Path second = directory.resolve("second");
    copy(killed, second);
    assertArrayEquals(
        Files.readAllBytes(killed.resolve("raft/base")),
        Files.readAllBytes(second.resolve("raft/base")));
    data = killed;
    try (RaftCluster cluster = cluster()) {
      List<Entry> fresh = cluster.node(0).publish("a", "new");
      assertTrue(fresh.get(0).offset() > 1 << 20, fresh::toString);
      assertEquals(positions(fresh).get(0).epoch(), old.get(0).position().epoch());
    }
  }

  @Test
  void aDirectoryIsConvertedOnceAndWhileNoHubRunsInIt() throws Exception {
    EventLog running = single(data);
    var used = assertThrows(IOException.class, () -> run(data, "to-cluster"));
    assertTrue(used.getMessage().contains("is used by another hub"), used::getMessage);
    RaftCluster.get(running.close());
    run(data, "to-cluster");
    var again = assertThrows(IOException.class, () -> run(data, "to-cluster"));
    assertTrue(again.getMessage().contains("already"), again::getMessage);
    assertThrows(IOException.class, () -> run(directory.resolve("none"), "to-cluster"));
  }

  @Test
  void aVotersDirectoryIsReadAndBackedUpAndNothingIsImportedIntoIt() throws Exception {
    run(data, "to-cluster");
    Path voter;
    try (RaftCluster cluster = cluster()) {
      cluster.node(0).publish("a", "new");
      voter = cluster.node(0).directory();
      for (String command : List.of("info", "check", "print")) {
        assertTrue(run(voter, command).contains("61") || command.equals("print"), command);
      }
    }
    assertTrue(run(voter, "info").contains("the log of a cluster"));
    assertTrue(run(voter, "check").contains("damaged: none"));
    assertEquals(61, run(voter, "print").lines().count());
    Path backup = directory.resolve("backup");
    assertTrue(run(voter, "backup", backup.toString()).contains("61 entries copied"));
    Path restored = directory.resolve("restored");
    run(restored, "restore", backup.toString());
    assertEquals(61, run(restored, "print").lines().count());
    assertTrue(run(restored, "to-cluster").contains("61 entries"));

    Path lines = Files.writeString(directory.resolve("lines"), "{\"topic\":\"a\",\"data\":1}\n");
    var refused = assertThrows(IOException.class, () -> run(voter, "import", lines.toString()));
    assertTrue(refused.getMessage().contains("only the cluster may append"), refused::getMessage);
    assertThrows(IOException.class, () -> single(voter));
    assertThrows(IOException.class, () -> run(voter, "migrate"));
    assertEquals(61, run(voter, "print").lines().count());
  }

  @Test
  void nodesWithDifferentDirectoriesDoNotFormACluster() throws Exception {
    Path other = directory.resolve("other");
    copy(data, other);
    EventLog log = single(other);
    append(log, Publication.of(List.of(Event.of("a", "more"))));
    RaftCluster.get(log.close());
    run(data, "to-cluster");
    run(other, "to-cluster");
    byte[] base = Files.readAllBytes(data.resolve("raft/base"));
    byte[] different = Files.readAllBytes(other.resolve("raft/base"));
    var state = ReplicatedState.decodeBase(base);
    var begin = new Command.Configure(0, state.epoch(), state.base(), 600_000, 1 << 20);
    state.apply(1, begin);
    assertThrows(
        IllegalStateException.class, () -> ReplicatedState.decodeBase(different).apply(1, begin));
  }
}
