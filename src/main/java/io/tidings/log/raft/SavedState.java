package io.tidings.log.raft;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.stream.Stream;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.util.MD5FileUtil;

/**
 * A state that was saved, with the position of the Raft log up to which it counts, read and written
 * while no engine runs. The files are those that {@link StateSaver} writes.
 */
record SavedState(TermIndex position, ReplicatedState state) {
  private static final String PREFIX = "snapshot.";

  /**
   * The newest state in a directory; empty if there is none.
   *
   * @throws IOException if there are states, of which none can be read
   */
  static Optional<SavedState> newest(Path states) throws IOException {
    IOException failure = null;
    for (Path file : newestFirst(states)) {
      try {
        MD5FileUtil.verifySavedMD5(file.toFile(), MD5FileUtil.computeMd5ForFile(file.toFile()));
        ReplicatedState state = ReplicatedState.decode(Files.readAllBytes(file));
        return Optional.of(new SavedState(position(file), state));
      } catch (IOException e) {
        failure = e; // the one before it serves as well
      }
    }
    if (failure != null) {
      throw failure;
    }
    return Optional.empty();
  }

  private static List<Path> newestFirst(Path states) throws IOException {
    if (!Files.isDirectory(states)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(states)) {
      return files
          .filter(file -> matcher(file).matches())
          .sorted(Comparator.<Path>comparingLong(file -> position(file).getIndex()).reversed())
          .toList();
    }
  }

  private static Matcher matcher(Path file) {
    return SimpleStateMachineStorage.SNAPSHOT_REGEX.matcher(file.getFileName().toString());
  }

  private static TermIndex position(Path file) {
    return SimpleStateMachineStorage.getTermIndexFromSnapshotFile(file.toFile());
  }

  /** Writes a state into a directory. */
  static void write(Path states, TermIndex position, ReplicatedState state) throws IOException {
    String name = PREFIX + position.getTerm() + "_" + position.getIndex();
    Path file = states.resolve(name);
    DurableFiles.write(file, state.encode());
    MD5FileUtil.computeAndSaveMd5ForFile(file.toFile());
    VoteFile.forceNames(states);
  }
}
