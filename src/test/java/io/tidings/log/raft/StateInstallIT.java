package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Event;
import io.tidings.event.Publication;
import io.tidings.event.Selection;
import io.tidings.log.FetchedLog;
import io.tidings.log.FetchedState;
import io.tidings.log.LocalLog;
import io.tidings.log.LogParts;
import io.tidings.log.Retention;
import io.tidings.log.SegmentPart;
import io.tidings.log.SegmentSource;
import io.tidings.log.disk.DiskFetch;
import io.tidings.log.disk.DiskLog;
import io.tidings.metrics.Metrics;
import io.tidings.settings.LogSettings;
import io.tidings.settings.Settings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.ratis.util.MD5FileUtil;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The process, or the power, ends after each operation with which a node takes a state that it has
 * fetched into use. The operations are those of a real process, Ratis' own among them.
 */
@Timeout(120)
class StateInstallIT {
  private static final long EPOCH = 7;
  private static final int EVENTS = 60;
  private static final int OWN_EVENTS = 25;
  private static final int OWN_TRUSTED = 20;
  private static final int POWER_CUTS = 3;
  private static final byte[] VOTERS = StoredVoters.alone(3, EVENTS - 1, "10.0.0.9:7700");

  @TempDir Path work;
  private Path node;
  private byte[] state;

  /** What is traced. */
  public static final class Install {
    private Install() {}

    /**
     * @param arguments the node's directory
     */
    public static void main(String[] arguments) throws IOException {
      install(Path.of(arguments[0]));
    }
  }

  private static LogSettings settings(Path path) {
    return Settings.of(Map.of("log.dir", path.toString(), "log.keep.bytes", "64KiB")).log();
  }

  private static FetchedLog files(Path node) {
    return DiskFetch.target(settings(node), Retention.unlimited());
  }

  private static Path group(Path node) {
    return node.resolve("raft").resolve("group");
  }

  /** As a node does when it starts. */
  private static void install(Path node) throws IOException {
    StateInstall.installDecided(group(node), files(node));
  }

  private static LocalLog open(Path path, OptionalLong trusted) throws IOException {
    return DiskLog.openReplica(
        settings(path), EPOCH, trusted, InstantSource.system(), new Metrics());
  }

  /** Writes the log after so many commands; returns the state. */
  private static byte[] write(Path path, int events) throws Exception {
    LocalLog log = open(path, OptionalLong.empty());
    try {
      ReplicatedState state = ReplicatedState.empty(EPOCH, 0, 1 << 20);
      var disk = new DiskRetry(new RaftHealth(Duration.ofSeconds(1), () -> 0));
      var applier = new CommandApplier(log, state, disk);
      for (int i = 0; i < events; i++) {
        Publication one = Publication.of(List.of(Event.of("a", i + " ".repeat(300))));
        applier.apply(i, new Command.Publish(i, List.of(one)));
      }
      log.force();
      return state.encode();
    } finally {
      log.close();
    }
  }

  @BeforeEach
  void createPeer() throws Exception {
    node = work.resolve("node");
    state = write(work.resolve("peer"), EVENTS);
  }

  /** Fetches all that lacks, and decides to install it. */
  private void fetch(long own) throws IOException {
    FetchedLog files = files(node);
    SegmentSource peer = DiskFetch.source(settings(work.resolve("peer")));
    LogParts parts = peer.parts();
    for (SegmentPart part : files.plan(parts, own, EVENTS)) {
      int length = Math.toIntExact(part.length());
      files.write(part, ByteBuffer.wrap(peer.read(part.first(), part.salt(), 0, length)));
      files.complete(part);
    }
    files.storeState(state);
    var log = new LogParts(EPOCH, parts.ancestors(), List.of());
    files.decide(new FetchedState(log, files.kept(own, EVENTS), 3, EVENTS - 1, VOTERS));
  }

  @Test
  void aVoterThatWasAwayHasTheStateHoweverOftenItsInstallationEnds() throws Exception {
    byte[] old = write(node, OWN_EVENTS);
    Path current = group(node).resolve("current");
    Files.createDirectories(current);
    Files.createDirectories(group(node).resolve("sm"));
    StateFile.in(group(node).resolve("sm"), 2, OWN_TRUSTED - 1).write(old);
    Files.writeString(current.resolve("raft-meta"), "term=4\nvotedFor=10.0.0.1\\:7700\n");
    Files.write(current.resolve("raft-meta.conf"), StoredVoters.alone(1, 0, "10.0.0.1:7700"));
    Files.writeString(current.resolve("log_0-19"), "entries");
    Files.writeString(current.resolve("log_inprogress_20"), "more entries");
    fetch(OWN_TRUSTED);
    checkEveryEnd();
    assertEquals(
        "term=4\nvotedFor=10.0.0.1\\:7700\n", Files.readString(current.resolve("raft-meta")));
    assertArrayEquals(VOTERS, Files.readAllBytes(current.resolve("raft-meta.conf")));
  }

  @Test
  void aNewNodeHasTheStateHoweverOftenItsInstallationEnds() throws Exception {
    Files.createDirectories(node);
    fetch(0);
    checkEveryEnd();
  }

  private void checkEveryEnd() throws Exception {
    TracedDisk.read(node).writeTo(work.resolve("before"));
    List<FileOperation> operations = FileOperation.of(Install.class, work, node);
    Map<String, String> installed = contents(node);
    assertTrue(
        installed.keySet().stream()
            .noneMatch(name -> name.contains(".fetch") || name.contains("log_")));
    checkInstalled();
    for (int done = 0; done <= operations.size(); done++) {
      TracedDisk disk = TracedDisk.read(work.resolve("before"));
      operations.subList(0, done).forEach(disk::apply);
      for (int i = 0; i <= POWER_CUTS; i++) {
        Path copy = work.resolve("copy" + done + "-" + i);
        if (i == 0) {
          disk.writeTo(copy);
        } else {
          disk.writeCutTo(copy, new Random(31L * done + i));
        }
        String where =
            (i == 0 ? "the process" : "the power") + " ends after " + operations.subList(0, done);
        checkContinued(copy, installed, where);
        DurableFiles.deleteAll(copy);
      }
    }
  }

  private static void checkContinued(Path copy, Map<String, String> installed, String where)
      throws IOException {
    try {
      install(copy);
    } catch (IOException e) {
      throw new AssertionError("the node does not start when " + where, e);
    }
    assertEquals(Optional.empty(), files(copy).decided(), where);
    files(copy).clear(); // as a node that is level
    assertEquals(installed, contents(copy), where);
  }

  /** The node has the log of its peer, and the state, and no entries before it. */
  private void checkInstalled() throws Exception {
    SavedState saved = SavedState.newest(group(node).resolve("sm")).orElseThrow();
    assertEquals(EVENTS - 1, saved.position().getIndex());
    assertArrayEquals(state, saved.state().encode());
    List<String> entries = entries(node);
    assertEquals(EVENTS, entries.size());
    assertEquals(entries(work.resolve("peer")), entries);
  }

  private static List<String> entries(Path path) throws Exception {
    LocalLog log = open(path, OptionalLong.of(EVENTS));
    try {
      return RaftCluster.get(log.after(log.bounds().begin(), Selection.EVERYTHING, 1 << 20))
          .entries()
          .stream()
          .map(entry -> entry.offset() + " " + entry.event().data())
          .toList();
    } finally {
      log.close();
    }
  }

  /** All files with the sums of their bytes, but for the lock, which names a process. */
  private static Map<String, String> contents(Path directory) throws IOException {
    var contents = new TreeMap<String, String>();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        if (!file.endsWith("LOCK")) {
          contents.put(
              directory.relativize(file).toString(),
              MD5FileUtil.computeMd5ForFile(file.toFile()).toString());
        }
      }
    }
    return contents;
  }
}
