package io.tidings.log.raft;

import io.tidings.event.Event;
import io.tidings.log.ExpiringRecord;
import io.tidings.log.LogRecord;
import io.tidings.log.RecordTable;
import io.tidings.log.raft.DedupTable.Name;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Builds the state with which the log of a cluster begins that continues a single node's, from the
 * newest records of that. Equal records give equal bytes. One thread.
 */
public final class ClusterBase {
  /** Until the first leader sets the limit, which is before the first publication. */
  private static final long DEDUP_BYTES = 64 << 20;

  private final boolean deduplicated;
  private final DedupTable dedup;
  private final RecordTable records = new RecordTable();
  private long lastTime = Long.MIN_VALUE;

  /** The records of a publication with a key that is not complete yet. */
  private final List<LogRecord> keyed = new ArrayList<>();

  /**
   * @param once how long repetitions are recognised; zero for never
   */
  public ClusterBase(Duration once) {
    this.deduplicated = !once.isZero();
    this.dedup = new DedupTable(once.toMillis(), DEDUP_BYTES);
  }

  /** Adds the next record. A repetition of its publication, or of its event, is recognised. */
  public void add(LogRecord one) {
    lastTime = Math.max(lastTime, one.entry().time());
    if (!deduplicated) {
      return;
    }
    Event event = one.entry().event();
    if (!event.id().isEmpty()) {
      dedup.replace(Name.of(one.scope(), event), one.entry().time(), one.offset());
    }
    if (!one.key().isEmpty()) {
      keyed.clear();
      keyed.add(one);
    } else if (!keyed.isEmpty() && follows(one)) {
      keyed.add(one);
    } else {
      keyed.clear();
    }
    if (!keyed.isEmpty() && one.following() == 0) {
      addKeyed();
    }
  }

  /** Adds an expiring record. */
  public void add(ExpiringRecord record) {
    records.putIfAbsent(record);
  }

  /** Whether it is the next record of the publication; not if some of it is lost. */
  private boolean follows(LogRecord one) {
    return one.following() == keyed.get(keyed.size() - 1).following() - 1;
  }

  private void addKeyed() {
    LogRecord first = keyed.get(0);
    dedup.replace(
        Name.ofKey(first.scope(), first.key()),
        keyed.stream().map(each -> each.entry().event()).toList(),
        first.entry().time(),
        keyed.stream().mapToLong(LogRecord::offset).toArray());
    keyed.clear();
  }

  /** The number of keys and ids by which repetitions are recognised. */
  public int size() {
    return dedup.size();
  }

  /**
   * Encodes the state.
   *
   * @param epoch of the log
   * @param next the first offset that no client can have seen
   */
  byte[] encode(long epoch, long next) {
    return ReplicatedState.continuing(epoch, next, Math.max(lastTime, 0), dedup, records).encode();
  }

  /**
   * Reads the state with which a log begins that continues another one; empty if it does not.
   *
   * @param file as {@link #write} has written it
   */
  static Optional<ReplicatedState> read(Path file) throws IOException {
    return Files.exists(file)
        ? Optional.of(ReplicatedState.decodeBase(Files.readAllBytes(file)))
        : Optional.empty();
  }

  /**
   * Writes the state into a log's directory, which becomes that of a voter. The file is complete
   * and on the disk when it gets its name.
   *
   * @param directory of the log
   * @param epoch of the log
   * @param next the first offset that no client can have seen
   */
  public void write(Path directory, long epoch, long next) throws IOException {
    Path file = RaftLog.base(directory);
    Files.createDirectories(file.getParent());
    DurableFiles.write(file, encode(epoch, next));
    DurableFiles.forceNames(directory);
  }
}
