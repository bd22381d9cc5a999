package io.tidings.cli;

import io.tidings.event.Position;
import io.tidings.log.LocalLog;
import io.tidings.log.Plural;
import io.tidings.log.disk.DiskLog;
import io.tidings.log.disk.LogFiles;
import io.tidings.log.raft.ClusterBase;
import io.tidings.metrics.Metrics;
import io.tidings.settings.LogSettings;
import io.tidings.settings.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.OptionalLong;

/**
 * {@code log to-cluster}: prepares a single node's directory to be that of a cluster's first
 * voters. Positions, ids, and what repetitions are recognised by are kept; new events get offsets
 * that the single node cannot have assigned.
 */
final class LogToCluster {
  private LogToCluster() {}

  /**
   * Prepares the directory.
   *
   * @param once how long the single node has recognised repetitions
   * @return a summary of one line
   * @throws IOException with a message of one line; then the directory is still a single node's
   */
  static String run(Path dir, Duration once) throws IOException {
    if (LogFiles.isVoters(dir)) {
      throw new IOException("belongs to a node of a cluster already");
    }
    long epoch;
    try (LogFiles log = LogFiles.open(dir)) {
      epoch = log.summary().epoch();
    }
    open(dir, epoch).close(); // repairs it, and skips the offsets that the node may have assigned
    var base = new ClusterBase(once);
    long last;
    long entries;
    try (LogFiles log = LogFiles.open(dir)) {
      last = log.last();
      entries = log.summary().entries();
      log.readNewest(once.toMillis(), base::add);
      log.expiring().forEach(base::add);
    }
    LocalLog log = open(dir, epoch); // no hub can start while the state is written
    try {
      if (log.last() != last) {
        throw new IOException("was used by a hub meanwhile; try again");
      }
      base.write(dir, epoch, last + 1);
    } finally {
      log.close();
    }
    return "%s and %s; the cluster continues after %s: copy the directory to all its nodes"
        .formatted(
            Plural.entries(entries),
            Plural.of(base.size(), "key or id of --once", "keys and ids of --once"),
            new Position(epoch, last));
  }

  private static LocalLog open(Path dir, long epoch) throws IOException {
    Map<String, Object> settings = Map.of("log.dir", dir.toString(), "log.keep.bytes", "0");
    LogSettings log = Settings.of(settings).log();
    return DiskLog.openReplica(
        log, epoch, OptionalLong.empty(), InstantSource.system(), new Metrics());
  }
}
