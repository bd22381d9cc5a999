package io.tidings.cluster;

import io.tidings.log.EventLog;
import io.tidings.log.EventLogContract;
import io.tidings.log.ManualClock;
import io.tidings.log.Retention;
import io.tidings.log.SharedLog;
import io.tidings.settings.Settings;
import io.vertx.core.Vertx;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class RedisLogTest extends EventLogContract {
  private static RedisServer redis;
  private static Vertx vertx;

  @BeforeAll
  static void start() throws Exception {
    redis = RedisServer.onFreePort();
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void stop() throws Exception {
    get(vertx.close());
    redis.close();
  }

  /** The bytes that the newest entries may take in memory. */
  long memory() {
    return 64 << 20;
  }

  @Override
  protected EventLog open(Retention keep, ManualClock clock) throws Exception {
    Settings.Log settings =
        settings(redis.url(), "log-" + System.nanoTime(), memory(), keep.entries(), keep);
    RedisStore store = get(RedisStore.open(vertx, settings, clock));
    return get(SharedLog.open(store, settings, clock));
  }

  /** Settings beyond the bounds that people have to keep. */
  static Settings.Log settings(
      String url, String stream, long memory, long entries, Retention keep) {
    Settings.Log log = Settings.of(Map.of()).log();
    return new Settings.Log(
        Settings.Log.Kind.REDIS,
        log.dir(),
        log.sync(),
        ONCE,
        memory,
        new Settings.Log.Keep(0, keep.age(), 0),
        log.patience(),
        log.ring(),
        new Settings.Log.Redis(url, stream, entries, 0, Settings.NONE));
  }
}
