package io.tidings.log.disk;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Begins a new epoch in a log's directory while no hub runs in it: the log keeps its entries, and
 * ids of the old epoch stay valid up to an offset. One thread.
 */
public final class LogBranch {
  private LogBranch() {}

  /**
   * The end of a log.
   *
   * @param epoch the current one
   * @param last the offset of the newest record; 0 for none
   */
  public record End(long epoch, long last) {}

  /**
   * Reads where the log ends.
   *
   * @throws IOException with a message of one line, also if a hub runs in the directory
   */
  public static End end(Path directory) throws IOException {
    requireUnused(directory);
    try (LogFiles log = LogFiles.open(directory)) {
      return new End(log.identity().epoch(), log.last());
    }
  }

  /**
   * Checks that no hub runs in the directory.
   *
   * @throws IOException with a message of one line, if one does
   */
  public static void requireUnused(Path directory) throws IOException {
    LogFiles.open(directory).close(); // a missing directory must not be created
    LogLock.acquire(directory).close();
  }

  /**
   * Begins the epoch, durably; without effect if it was begun already.
   *
   * @param common the offset up to which positions of the old epoch stand for the same entries
   * @throws IOException with a message of one line; then the old epoch is the current one
   */
  public static void begin(Path path, long oldEpoch, long newEpoch, long common)
      throws IOException {
    try (LogLock held = LogLock.acquire(path)) {
      var directory = new LogDirectory(new FileDirectory(path));
      LogDirectory.Identity now =
          directory.identity().orElseThrow(() -> new IOException("has no log"));
      if (now.epoch() == newEpoch) {
        return;
      } else if (now.epoch() != oldEpoch) {
        throw new IOException("has another epoch than it had when this was begun");
      }
      directory.writeIdentity(
          new LogDirectory.Identity(newEpoch, now.ancestors().branchedAt(oldEpoch, common)));
    }
  }
}
