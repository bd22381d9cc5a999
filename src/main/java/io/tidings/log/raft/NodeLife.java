package io.tidings.log.raft;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * The name of one life of a node's directory. The replicated state has the life of each voter, so
 * that a voter whose directory was emptied is not taken for itself: it has acknowledged entries,
 * and perhaps voted, and does not know it.
 *
 * @param id random
 * @param emptied whether the directory had neither a vote nor a state when the process began
 */
record NodeLife(String id, boolean emptied) {
  private static final System.Logger LOG = System.getLogger(NodeLife.class.getName());
  private static final String FILE = "life";
  private static final String CHECKPOINT = "voter ";

  /** The name under which the replicated state has a voter's life. */
  static String checkpoint(String voter) {
    return CHECKPOINT + voter;
  }

  /** Whether a checkpoint is a voter's life. */
  static boolean isCheckpoint(String name) {
    return name.startsWith(CHECKPOINT);
  }

  /** Whether a voter can have used the directory before: it has a vote, a Raft log or a state. */
  static boolean isEmpty(Path groupDirectory) throws IOException {
    if (!Files.exists(groupDirectory)) {
      return true;
    }
    try (Stream<Path> files = Files.walk(groupDirectory)) {
      return files
          .filter(Files::isRegularFile)
          .allMatch(file -> VoteFile.isUnfinished(file) || file.endsWith("in_use.lock"));
    }
  }

  /**
   * Reads the life of a directory, or begins one; an emptied directory begins one. A voter whose
   * disk is full has to start: its life is then one of this process.
   */
  static NodeLife of(Path raftDirectory, Path groupDirectory) throws IOException {
    boolean emptied = isEmpty(groupDirectory);
    Path file = raftDirectory.resolve(FILE);
    if (!emptied && Files.exists(file) && Files.size(file) > 0) {
      return new NodeLife(Files.readString(file, StandardCharsets.UTF_8).trim(), false);
    }
    String id = UUID.randomUUID().toString();
    try {
      store(file, id);
    } catch (IOException e) {
      if (emptied) {
        throw e;
      }
      LOG.log(System.Logger.Level.WARNING, "the name of this directory's life is not stored", e);
    }
    return new NodeLife(id, emptied);
  }

  private static void store(Path file, String id) throws IOException {
    Files.createDirectories(file.getParent());
    Path unfinished = file.resolveSibling(FILE + ".unfinished");
    Files.writeString(unfinished, id + "\n", StandardCharsets.UTF_8);
    Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
