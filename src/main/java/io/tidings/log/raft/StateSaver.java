package io.tidings.log.raft;

import io.tidings.log.LocalLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.apache.ratis.io.MD5Hash;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.statemachine.SnapshotRetentionPolicy;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.util.MD5FileUtil;

/**
 * Saves states of a {@link Replica}, each after the entries before it are on the disk, and has the
 * commands before it removed from the Raft log. Blocks on the disk; confined to one thread, which
 * is not the one that applies.
 */
final class StateSaver {
  private static final String UNFINISHED = "state.unfinished";
  private static final SnapshotRetentionPolicy KEPT =
      new SnapshotRetentionPolicy() {
        @Override
        public int getNumSnapshotsRetained() {
          return 2;
        }
      };

  private final SimpleStateMachineStorage storage;
  private final Path raftDirectory;
  private final long keepBytes;

  /**
   * @param raftDirectory of the Raft log
   * @param keepBytes how large the Raft log may become while voters are away that need it
   */
  StateSaver(SimpleStateMachineStorage storage, Path raftDirectory, long keepBytes) {
    this.storage = storage;
    this.raftDirectory = raftDirectory;
    this.keepBytes = keepBytes;
  }

  /**
   * @throws IOException if the entries or the state could not be forced to the disk. Entries that
   *     were not can't be trusted until they are written again
   */
  void save(LocalLog log, Replica.Saved saved) throws IOException {
    log.force();
    Path file = storage.getSnapshotFile(saved.term(), saved.index()).toPath();
    Path unfinished = file.resolveSibling(UNFINISHED);
    write(unfinished, saved.state());
    MD5Hash hash = MD5FileUtil.computeMd5ForFile(unfinished.toFile());
    MD5FileUtil.saveMD5File(file.toFile(), hash); // first: a state without it would not be found
    Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel directory = FileChannel.open(file.getParent(), StandardOpenOption.READ)) {
      directory.force(true);
    }
    TermIndex position = TermIndex.valueOf(saved.term(), saved.index());
    storage.updateLatestSnapshot(new SingleFileSnapshotInfo(new FileInfo(file, hash), position));
    storage.cleanupOldSnapshots(KEPT);
  }

  private static void write(Path file, byte[] bytes) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer from = ByteBuffer.wrap(bytes);
      while (from.hasRemaining()) {
        channel.write(from);
      }
      channel.force(true);
    }
  }

  /**
   * Removes what no voter needs from the Raft log: at most what the saved state has, and, unless
   * the log has become too large, what all voters have. The entry before a voter's next one stays:
   * Ratis can't continue without it (RATIS-2487).
   */
  void purge(RaftNode node) throws IOException {
    var latest = storage.getLatestSnapshot();
    if (latest == null) {
      return;
    }
    long index = Math.min(latest.getIndex(), node.committedByAll()) - 1;
    if (raftLogBytes() > keepBytes) {
      index = latest.getIndex() - 1;
    }
    if (index > 0) {
      node.purge(index);
    }
  }

  private long raftLogBytes() throws IOException {
    long bytes = 0;
    try (Stream<Path> files = Files.walk(raftDirectory)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        bytes += Files.size(file);
      }
    }
    return bytes;
  }
}
