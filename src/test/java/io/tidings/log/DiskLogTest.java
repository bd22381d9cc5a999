package io.tidings.log;

import io.tidings.metrics.Metrics;
import io.tidings.settings.Settings;
import io.tidings.settings.Span;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

class DiskLogTest extends EventLogContract {
  @TempDir Path directory;
  private int logs;

  @Override
  EventLog open(Retention keep, ManualClock clock) throws Exception {
    Map<String, Object> settings = new HashMap<>();
    settings.put("log.dir", directory.resolve("log" + logs++).toString());
    settings.put("log.once", Span.text(ONCE));
    settings.put("log.keep.bytes", Long.toString(keep.bytes()));
    settings.put("log.keep.age", Span.text(keep.age()));
    settings.put("log.keep.entries", Long.toString(keep.entries()));
    return DiskLog.open(Settings.of(settings).log(), clock, new Metrics());
  }
}
