package io.tidings.log.raft;

import io.tidings.event.Position;
import io.tidings.log.FetchedLog;
import java.io.IOException;

/** The log in the directory of a node that does not run, as {@link ClusterRecovery} changes it. */
public interface RecoverableLog extends LocalLogOpener {
  /**
   * The position of the newest record, in the current epoch.
   *
   * @throws IOException with a message of one line, also if a hub runs in the directory
   */
  Position end() throws IOException;

  /** What the node had fetched of another one's log. */
  FetchedLog fetched();

  /**
   * Begins an epoch, durably; without effect if it was begun already.
   *
   * @param common the last position of the old epoch that stands for the same entry in the new one
   * @throws IOException with a message of one line; then the old epoch is the current one
   */
  void begin(long newEpoch, Position common) throws IOException;
}
