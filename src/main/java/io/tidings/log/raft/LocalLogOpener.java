package io.tidings.log.raft;

import io.tidings.log.LocalLog;
import java.io.IOException;

/** Opens a node's own copy of the replicated log. */
@FunctionalInterface
public interface LocalLogOpener {
  /**
   * @param epoch of the log
   * @param trustedUpTo the offset up to which the files can be trusted: what is beyond is removed,
   *     and will be appended again
   */
  LocalLog open(long epoch, long trustedUpTo) throws IOException;
}
