package io.tidings.log.raft;

import io.tidings.log.LocalLog;
import java.io.IOException;
import java.util.OptionalLong;

/** Opens a node's own copy of the replicated log. */
@FunctionalInterface
public interface LocalLogOpener {
  /**
   * @param epoch of the log
   * @param trustedUpTo the offset up to which the files can be trusted: what is beyond is removed,
   *     and will be appended again. Empty if everything can
   */
  LocalLog open(long epoch, OptionalLong trustedUpTo) throws IOException;
}
