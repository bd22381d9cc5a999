package io.tidings.log.raft;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.ratis.server.protocol.TermIndex;

/**
 * A state that was saved, with the position of the Raft log up to which it counts, read while no
 * engine runs. The files are those that {@link StateSaver} writes.
 */
record SavedState(TermIndex position, ReplicatedState state) {
  /**
   * The newest state in a directory that can be read; empty if there is none.
   *
   * @throws IOException if there are states, of which none can be read
   */
  static Optional<SavedState> newest(Path states) throws IOException {
    IOException failure = null;
    for (StateFile file : StateFile.newestFirst(states)) {
      try {
        ReplicatedState state = ReplicatedState.decode(file.read());
        return Optional.of(new SavedState(TermIndex.valueOf(file.term(), file.index()), state));
      } catch (IOException e) {
        failure = e; // the one before it serves as well
      }
    }
    if (failure != null) {
      throw failure;
    }
    return Optional.empty();
  }
}
