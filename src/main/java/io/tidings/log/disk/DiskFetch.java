package io.tidings.log.disk;

import io.tidings.log.FetchedLog;
import io.tidings.log.Retention;
import io.tidings.log.SegmentSource;
import io.tidings.settings.LogSettings;
import java.nio.file.Path;

/** The directory of a cluster's node, as nodes fetch the log of each other. */
public final class DiskFetch {
  private DiskFetch() {}

  /** What other nodes can fetch. */
  public static SegmentSource source(LogSettings settings) {
    return new DiskSegmentSource(new FileDirectory(Path.of(settings.dir())));
  }

  /**
   * What this node fetches.
   *
   * @param bounds of what it keeps, whatever others do
   */
  public static FetchedLog target(LogSettings settings, Retention bounds) {
    Path path = Path.of(settings.dir());
    return new SegmentStage(new FileDirectory(path), bounds, () -> LogLock.acquire(path));
  }
}
