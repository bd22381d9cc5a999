package io.tidings.log.raft;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Which directories an edge may use, and what it may do with its own: it has no vote in it, and has
 * acknowledged nothing, so its Raft log can be begun anew from the saved state. Blocks on the disk.
 */
final class EdgeDirectory {
  private static final String MARK = "edge";

  private EdgeDirectory() {}

  /** The configuration that is in an edge's Raft log does not have it as a listener. */
  static final class Outside extends IOException {
    private static final long serialVersionUID = 1L;

    Outside(String self) {
      super(self + " is not among the edges of its Raft log");
    }
  }

  /**
   * Called before anything is read.
   *
   * @throws NodeRefused if an edge's directory was a voter's, or the other way round
   */
  static void check(RaftLog.Options options) throws IOException {
    boolean marked = isMarked(options.raftDirectory());
    if (!options.voters().isEdge()) {
      if (marked && !NodeLife.isEmpty(options.groupDirectory())) {
        throw new NodeRefused(
            options.directory()
                + " is the log.dir of an edge, which lacks what a voter must have: start it with --role edge, or with an empty log.dir");
      }
      becomesVoter(options.raftDirectory());
    } else if (!marked) {
      if (options.vote().exists()) {
        throw new NodeRefused(
            options.directory()
                + " is the log.dir of a voter: an edge needs one of its own, that is empty or has a copy of a voter's log without `current` (docs/cluster.md)");
      }
      mark(options.raftDirectory());
    }
  }

  /** Before anything else is written: what follows is an edge's, also after a power cut. */
  static void mark(Path raftDirectory) throws IOException {
    Files.createDirectories(raftDirectory);
    DurableFiles.write(raftDirectory.resolve(MARK), new byte[0]);
    DurableFiles.forceNames(raftDirectory.getParent());
  }

  /** Whether it is an edge's. */
  static boolean isMarked(Path raftDirectory) {
    return Files.exists(raftDirectory.resolve(MARK));
  }

  /** It has got a vote; without effect on a voter's. */
  static void becomesVoter(Path raftDirectory) throws IOException {
    if (Files.deleteIfExists(raftDirectory.resolve(MARK))) {
      DurableFiles.forceNames(raftDirectory);
    }
  }

  /**
   * Removes an edge's Raft log if Ratis would refuse it: its vote, which an edge has only as a
   * file, was lost, or an earlier process has ended within {@link #forgetRaftLog}.
   */
  static void forgetUnusable(RaftLog.Options options) throws IOException {
    if (options.vote().lost() || !options.vote().exists()) {
      forgetRaftLog(options);
    }
  }

  /**
   * Removes an edge's Raft log, if there is one; the state that was saved and the entries before it
   * stay.
   */
  static void forgetRaftLog(RaftLog.Options options) throws IOException {
    DurableFiles.deleteAll(options.groupDirectory().resolve("current"));
  }
}
