package raft;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A replicated order of commands: what the log of a cluster needs of a Raft engine. */
interface Consensus extends AutoCloseable {

  /** A voter: its id, and where its engine listens. */
  record Peer(String id, String host, int port) {}

  /** What the commands change. All methods are called by one thread of the engine. */
  interface StateMachine {

    /**
     * Applies a committed command. Called once for each index of this process' life, in the order of the indexes, which are not
     * dense; after a restart also with indexes that are in the state already: those the state machine ignores.
     */
    void apply(long index, ByteBuffer command) throws IOException;

    /** The index up to which the state is on the disk: commands up to there are not needed again after a restart of this node. */
    long durable();
  }

  /** Joins the group of these peers, as the one with this id; what is in the directory is taken up again. */
  void start(String id, List<Peer> peers, Path directory, StateMachine machine) throws Exception;

  /**
   * Submits a command at the leader. Completes when it is committed and applied here. A failure means that it is not known whether
   * the command will be applied.
   */
  CompletableFuture<Void> submit(byte[] command);

  /** The leader as this node knows it. */
  Optional<String> leader();

  @Override
  void close() throws Exception;
}
