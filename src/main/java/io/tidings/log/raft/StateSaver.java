package io.tidings.log.raft;

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
 * Saves states of a {@link Replica}, when the entries before them are on the disk, and has the
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

  /** The Raft log, as far as it is purged. */
  interface PurgedLog {
    /** The index that every voter has committed; -1 if that is not known of one of them. */
    long committedByAll() throws IOException;

    /** Removes what is not needed, up to an index. */
    void purge(long index) throws IOException;
  }

  private final SimpleStateMachineStorage storage;
  private final Path raftDirectory;
  private final long keepBytes;
  private final long smallBytes;

  /**
   * @param raftDirectory of the Raft log
   * @param keepBytes how large the Raft log may become while voters are away that need it
   */
  StateSaver(SimpleStateMachineStorage storage, Path raftDirectory, long keepBytes) {
    this(storage, raftDirectory, keepBytes, 0);
  }

  /**
   * @param smallBytes up to which size the Raft log is kept whole, for nodes that are to be added
   */
  StateSaver(
      SimpleStateMachineStorage storage, Path raftDirectory, long keepBytes, long smallBytes) {
    this.smallBytes = smallBytes;
    this.storage = storage;
    this.raftDirectory = raftDirectory;
    this.keepBytes = keepBytes;
  }

  /**
   * Saves a state whose entries are on the disk.
   *
   * @throws IOException if it could not be forced to the disk; then the one before is still there
   */
  void save(Replica.Saved saved) throws IOException {
    Path file = storage.getSnapshotFile(saved.term(), saved.index()).toPath();
    Path unfinished = file.resolveSibling(UNFINISHED);
    write(unfinished, saved.state().encode());
    MD5Hash hash = MD5FileUtil.computeMd5ForFile(unfinished.toFile());
    MD5FileUtil.saveMD5File(file.toFile(), hash); // first: each state has one
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
  void purge(PurgedLog node) throws IOException {
    var latest = storage.getLatestSnapshot();
    long bytes = raftLogBytes();
    if (latest == null || bytes <= smallBytes) {
      return;
    }
    long index = Math.min(latest.getIndex(), node.committedByAll()) - 1;
    if (bytes > keepBytes) {
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
