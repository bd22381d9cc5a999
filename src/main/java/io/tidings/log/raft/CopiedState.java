package io.tidings.log.raft;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * A directory of the Raft log with another voter's saved state and no vote: that of a node whose
 * disk was lost (docs/cluster.md). Ratis takes it for a new one, and would remove the state.
 */
final class CopiedState {
  private CopiedState() {}

  /**
   * Gives such a directory a vote, for the node itself in the term of the state: the node may have
   * voted in that term before. Changes no other directory.
   *
   * @param directory of the group
   */
  static void adopt(Path directory, String self) throws IOException {
    Path current = directory.resolve("current");
    OptionalLong term = isEmpty(current) ? term(directory.resolve("sm")) : OptionalLong.empty();
    if (term.isPresent()) {
      Files.createDirectories(current);
      DurableFiles.forceNames(directory);
      new VoteFile(current).writeOwn(term.getAsLong(), self);
    }
  }

  /**
   * Whether there is neither a vote nor a Raft log. With a log and no vote, the vote was lost, and
   * may be of a later term than the state: Ratis refuses that.
   */
  private static boolean isEmpty(Path current) throws IOException {
    if (!Files.exists(current)) {
      return true;
    }
    try (Stream<Path> files = Files.list(current)) {
      return files.allMatch(VoteFile::isUnfinished);
    }
  }

  private static OptionalLong term(Path states) throws IOException {
    return StateFile.newestFirst(states).stream().mapToLong(StateFile::term).max();
  }
}
