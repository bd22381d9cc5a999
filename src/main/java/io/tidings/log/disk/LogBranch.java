package io.tidings.log.disk;

import io.tidings.event.Position;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Begins a new epoch in a log's directory while no hub runs in it: the log keeps its entries, and
 * ids of the old epoch stay valid up to an offset. One thread.
 */
public final class LogBranch {
  private LogBranch() {}

  /**
   * The position of the newest record, in the current epoch.
   *
   * @throws IOException with a message of one line, also if a hub runs in the directory
   */
  public static Position end(Path directory) throws IOException {
    LogFiles.open(directory).close(); // a missing directory must not be created
    LogLock.acquire(directory).close();
    try (LogFiles log = LogFiles.open(directory)) {
      return new Position(log.identity().epoch(), log.last());
    }
  }

  /**
   * Begins the epoch, durably; without effect if it was begun already.
   *
   * @param common the last position of the old epoch that stands for the same entry in the new one
   * @throws IOException with a message of one line; then the old epoch is the current one
   */
  public static void begin(Path path, long newEpoch, Position common) throws IOException {
    try (LogLock held = LogLock.acquire(path)) {
      var directory = new LogDirectory(new FileDirectory(path));
      LogDirectory.Identity now =
          directory.identity().orElseThrow(() -> new IOException("has no log"));
      if (now.epoch() == newEpoch) {
        return;
      } else if (now.epoch() != common.epoch()) {
        throw new IOException("has another epoch than it had when this was begun");
      }
      directory.writeIdentity(
          new LogDirectory.Identity(
              newEpoch, now.ancestors().branchedAt(now.epoch(), common.offset())));
    }
  }
}
