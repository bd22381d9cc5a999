package io.tidings.log.raft;

import io.tidings.log.LocalLog;
import io.tidings.log.LogRecord;
import io.tidings.log.raft.ReplicatedState.Applied;
import java.io.IOException;
import java.util.List;

/**
 * Applies the commands of the replicated log on one node: changes the {@link ReplicatedState}, and
 * appends the records to the node's own log. Confined to the thread that applies.
 *
 * <p>A disk that refuses stops this node and changes nothing for the others: the command is not
 * skipped, its records are written when the disk is healed. After a restart, commands are applied
 * again from the state that was saved; what the log has already is not appended twice, and what it
 * lost is.
 */
public final class CommandApplier {
  private final LocalLog log;
  private final ReplicatedState state;
  private final WriteRetry retry;

  /** Decides what happens while the disk refuses. */
  public interface WriteRetry {
    /** The records were not written. Returns when they are to be written again. */
    void await(IOException cause) throws InterruptedException;

    /** They are written. */
    void recovered();
  }

  /**
   * @param log the node's own log; the applier is the only one that appends
   * @param state that was saved; empty for a new log
   * @throws IOException if the log lacks entries that the state has: they must be fetched from
   *     another node, since no command will write them again
   */
  public CommandApplier(LocalLog log, ReplicatedState state, WriteRetry retry) throws IOException {
    this.log = log;
    this.state = state;
    this.retry = retry;
    if (log.last() < state.next() - 1) {
      throw new IOException(
          "the log ends at offset "
              + log.last()
              + ", but the state that was saved is of offset "
              + (state.next() - 1)
              + "; the entries between must be fetched from another node");
    }
  }

  /**
   * Applies a command. When it returns, its records are in the node's log, as durable as that is
   * configured, and were delivered.
   *
   * @param index of the command in the Raft log
   * @return what it did
   */
  public Applied apply(long index, Command command) throws InterruptedException {
    Applied applied = state.apply(index, command);
    List<LogRecord> missing = missing(applied.records());
    if (!missing.isEmpty()) {
      append(missing);
    }
    return applied;
  }

  /** The records that the log does not have yet. */
  private List<LogRecord> missing(List<LogRecord> records) {
    long last = log.last();
    if (records.isEmpty() || records.get(0).offset() > last) {
      return records;
    }
    return records.stream().filter(record -> record.offset() > last).toList();
  }

  private void append(List<LogRecord> records) throws InterruptedException {
    boolean failed = false;
    while (true) {
      try {
        if (failed) {
          log.rollBackOffsets();
        }
        log.append(records);
        break;
      } catch (IOException e) {
        failed = true;
        retry.await(e);
      }
    }
    if (failed) {
      retry.recovered();
    }
  }

  /** The state after the command that was applied last. */
  public ReplicatedState state() {
    return state;
  }
}
