package io.tidings.log.raft;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.apache.ratis.io.MD5Hash;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.statemachine.SnapshotRetentionPolicy;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;

/**
 * Saves states of a {@link Replica}, when the entries before them are on the disk, and has the
 * commands before it removed from the Raft log. Blocks on the disk; confined to one thread, which
 * is not the one that applies.
 */
final class StateSaver {
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
  private final LongSupplier fetched;

  /** The last index up to which the log was purged since this was made. */
  private long purged = -1;

  /**
   * @param raftDirectory of the Raft log
   * @param keepBytes how large the Raft log may become while voters are away that need it
   */
  StateSaver(SimpleStateMachineStorage storage, Path raftDirectory, long keepBytes) {
    this(storage, raftDirectory, keepBytes, 0, () -> Long.MAX_VALUE);
  }

  /**
   * @param smallBytes up to which size the Raft log is kept whole, for nodes that are to be added
   * @param fetched the lowest index of a state that another node fetches, or has fetched and will
   *     continue from; {@link Long#MAX_VALUE} if none does
   */
  StateSaver(
      SimpleStateMachineStorage storage,
      Path raftDirectory,
      long keepBytes,
      long smallBytes,
      LongSupplier fetched) {
    this.smallBytes = smallBytes;
    this.storage = storage;
    this.raftDirectory = raftDirectory;
    this.keepBytes = keepBytes;
    this.fetched = fetched;
  }

  /**
   * Saves a state whose entries are on the disk.
   *
   * @throws IOException if it could not be forced to the disk; then the one before is still there
   */
  void save(Replica.Saved saved) throws IOException {
    Path directory = storage.getSnapshotFile(saved.term(), saved.index()).toPath().getParent();
    StateFile file = StateFile.in(directory, saved.term(), saved.index());
    MD5Hash hash = file.write(saved.state().encode());
    TermIndex position = TermIndex.valueOf(saved.term(), saved.index());
    storage.updateLatestSnapshot(
        new SingleFileSnapshotInfo(new FileInfo(file.path(), hash), position));
    storage.cleanupOldSnapshots(KEPT);
  }

  /**
   * Removes what no voter needs from the Raft log: at most what the saved state has, and, unless
   * the log has become too large, what all voters have. The entry before a voter's next one stays:
   * Ratis can't continue without it (RATIS-2487). A log that is too large keeps what follows a
   * state that is being fetched, until that alone is too large.
   */
  void purge(PurgedLog node) throws IOException {
    var latest = storage.getLatestSnapshot();
    long bytes = raftLogBytes();
    if (latest == null || bytes <= smallBytes) {
      return;
    }
    long needed = Math.min(latest.getIndex(), fetched.getAsLong()) - 1;
    long index = Math.min(needed, node.committedByAll() - 1);
    if (bytes > keepBytes) {
      index = needed > purged ? needed : latest.getIndex() - 1;
    }
    if (index > 0) {
      node.purge(index);
      purged = Math.max(purged, index);
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
