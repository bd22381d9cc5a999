package io.tidings.log.raft;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The file in which Ratis stores this node's term and vote. Ratis replaces it by an empty one when
 * the disk is full, and would then not start.
 */
final class VoteFile {
  private static final String NAME = "raft-meta";
  private static final String UNFINISHED = NAME + DurableFiles.UNFINISHED;

  private final Path file;

  /**
   * @param current the directory of the Raft log's files
   */
  VoteFile(Path current) {
    this.file = current.resolve(NAME);
  }

  /** Whether it is a name that a write which was not finished leaves. */
  static boolean isUnfinished(Path file) {
    return file.endsWith(UNFINISHED) || file.endsWith(NAME + ".tmp");
  }

  /** Whether there is one, be it empty. */
  boolean exists() {
    return Files.exists(file);
  }

  /** Whether the vote was lost because the disk was full. */
  boolean lost() throws IOException {
    return Files.exists(file) && Files.size(file) == 0;
  }

  /**
   * Stores that the node has voted for itself: it can't vote for another one in this term then, and
   * the next vote, be it for itself, is one of a later term.
   *
   * @param term none in which the node may have voted is later
   */
  void writeOwn(long term, String self) throws IOException {
    String text = "term=" + term + "\nvotedFor=" + self.replace(":", "\\:") + "\n";
    DurableFiles.write(file, text.getBytes(StandardCharsets.UTF_8));
  }
}
