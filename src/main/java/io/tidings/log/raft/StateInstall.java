package io.tidings.log.raft;

import io.tidings.log.FetchedLog;
import io.tidings.log.FetchedState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;

/**
 * Gives a node's directory of the Raft log the saved state of another node, in place of the entries
 * before it. The vote stays: it is the node's own. Blocks; can be repeated, whenever the process
 * ended.
 */
final class StateInstall {
  private StateInstall() {}

  /**
   * Finishes what was decided, here or in an earlier process, while no engine runs.
   *
   * @param group the directory of the Raft log
   * @param files what was fetched
   * @return what was installed; empty if nothing was decided
   */
  static Optional<FetchedState> installDecided(Path group, FetchedLog files) throws IOException {
    Optional<FetchedState> state = files.decided();
    if (state.isPresent()) {
      files.install(state.get());
      install(group, state.get(), files.state());
      files.clear();
    }
    return state;
  }

  /**
   * While no engine runs.
   *
   * @param group the directory, which may be missing; that of the log is two above it
   */
  static void install(Path group, FetchedState state, byte[] saved) throws IOException {
    Path states = group.resolve("sm");
    Files.createDirectories(states);
    StateFile.in(states, state.term(), state.index()).write(saved);
    Path current = group.resolve("current");
    if (Files.isDirectory(current)) {
      removeEntries(current);
      storeVoters(StoredVoters.file(group), state.voters());
      DurableFiles.forceNames(current);
    }
    forceDirectories(group);
  }

  /** Of a new node they are new, up to that of the log. */
  private static void forceDirectories(Path group) throws IOException {
    Path raft = group.getParent();
    DurableFiles.forceNames(group);
    DurableFiles.forceNames(raft);
    DurableFiles.forceNames(raft.getParent());
  }

  /** Ratis keeps a file of entries that it can't continue after the state. */
  private static void removeEntries(Path current) throws IOException {
    try (Stream<Path> files = Files.list(current)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (isEntries(file)) {
          Files.delete(file);
        }
      }
    }
  }

  static boolean isEntries(Path file) {
    return file.getFileName().toString().startsWith("log_");
  }

  /** A node that has been a voter knows the newest configuration that the state is of. */
  private static void storeVoters(Path file, byte[] voters) throws IOException {
    if (voters.length > 0
        && Files.exists(file)
        && index(Files.readAllBytes(file)) < index(voters)) {
      DurableFiles.write(file, voters);
    }
  }

  private static long index(byte[] entry) throws IOException {
    return LogEntryProto.parseFrom(entry).getIndex();
  }
}
