package io.tidings.cli;

import io.tidings.event.Position;
import io.tidings.log.FetchedLog;
import io.tidings.log.LocalLog;
import io.tidings.log.Retention;
import io.tidings.log.disk.DiskFetch;
import io.tidings.log.disk.DiskLog;
import io.tidings.log.disk.LogBranch;
import io.tidings.log.raft.RecoverableLog;
import io.tidings.metrics.Metrics;
import io.tidings.settings.LogSettings;
import io.tidings.settings.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The log on the disk of a cluster's node that does not run. Retention is not applied to it.
 *
 * @param directory its {@code log.dir}
 */
public record StoppedNodeLog(Path directory) implements RecoverableLog {
  @Override
  public Position end() throws IOException {
    return LogBranch.end(directory);
  }

  @Override
  public FetchedLog fetched() {
    return DiskFetch.target(settings(), Retention.unlimited());
  }

  private LogSettings settings() {
    Map<String, Object> settings = Map.of("log.dir", directory.toString(), "log.keep.bytes", "0");
    return Settings.of(settings).log();
  }

  @Override
  public LocalLog open(long epoch, long trustedUpTo) throws IOException {
    return DiskLog.openReplica(
        settings(), epoch, OptionalLong.of(trustedUpTo), InstantSource.system(), new Metrics());
  }

  @Override
  public void begin(long newEpoch, Position common) throws IOException {
    LogBranch.begin(directory, newEpoch, common);
  }
}
