package io.tidings;

import io.tidings.cluster.Cluster;
import io.tidings.cluster.RingStore;
import io.tidings.log.CommitLimits;
import io.tidings.log.EventLog;
import io.tidings.log.Retention;
import io.tidings.log.StandaloneLog;
import io.tidings.log.disk.DiskLog;
import io.tidings.log.redis.RedisStore;
import io.tidings.log.redis.SharedLog;
import io.tidings.metrics.Metrics;
import io.tidings.settings.InvalidSetting;
import io.tidings.settings.LogSettings;
import io.tidings.settings.LogSettings.Kind;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;

/** Selects the implementation of the log by the settings, and opens it. */
final class LogFactory {
  private LogFactory() {}

  /**
   * The configured kind of log, or the default one.
   *
   * @throws InvalidSetting if role, cluster and kind of log contradict each other
   */
  static Kind kind(Settings settings) {
    Kind kind = settings.log().kind();
    if (!settings.role().hub() && !settings.cluster().on()) {
      throw InvalidSetting.of("role", "producer", "needs hubs to publish to; see --cluster");
    }
    boolean clustered = settings.cluster().on();
    if (kind == Kind.AUTO) {
      return clustered ? Kind.RING : Kind.DISK;
    } else if (clustered && (kind == Kind.MEMORY || kind == Kind.DISK)) {
      throw InvalidSetting.of(
          "log.kind",
          kind.name().toLowerCase(Locale.ROOT),
          "is a log that only this node has; in a cluster it must be ring (in the nodes' memory) or redis");
    } else if (!clustered && kind == Kind.RING) {
      throw InvalidSetting.of(
          "log.kind", "ring", "is in the memory of a cluster, and there is none; see --cluster");
    }
    return kind;
  }

  /**
   * @param cluster the cluster, already joined
   * @return the log; fails if it can't be opened
   */
  static Future<EventLog> open(
      Vertx vertx, Settings settings, Optional<Cluster> cluster, Metrics metrics) {
    LogSettings log = settings.log();
    return switch (kind(settings)) {
      case MEMORY -> Future.succeededFuture(memory(log, metrics));
      case RING -> ring(vertx, cluster.orElseThrow(), log);
      case REDIS -> redis(vertx, log);
      default -> vertx.executeBlocking(() -> disk(log, metrics));
    };
  }

  /** One line about a log that has no report of its own. */
  static String report(Settings settings) {
    return switch (kind(settings)) {
      case RING ->
          "in the memory of the cluster, capacity "
              + settings.log().ring().capacity()
              + ", backups "
              + settings.log().ring().backups();
      case REDIS -> "in Redis, stream " + settings.log().redis().stream();
      default -> "in memory, lost when the process ends";
    };
  }

  private static EventLog memory(LogSettings settings, Metrics metrics) {
    Retention keep = Retention.of(settings.keep()).within(settings.memory());
    CommitLimits limits = CommitLimits.of(settings.once(), settings.patience());
    return StandaloneLog.inMemory(keep, limits, InstantSource.system(), metrics);
  }

  private static EventLog disk(LogSettings settings, Metrics metrics) {
    try {
      return DiskLog.open(settings, InstantSource.system(), metrics);
    } catch (IOException e) {
      throw new IllegalStateException("log.dir=" + settings.dir() + ": " + e.getMessage(), e);
    }
  }

  private static Future<EventLog> ring(Vertx vertx, Cluster cluster, LogSettings settings) {
    return vertx
        .executeBlocking(() -> RingStore.open(cluster, vertx, settings.ring().capacity()))
        .compose(opened -> opened)
        .compose(store -> SharedLog.open(store, settings, InstantSource.system()))
        .map(EventLog.class::cast);
  }

  private static Future<EventLog> redis(Vertx vertx, LogSettings settings) {
    return RedisStore.open(vertx, settings, InstantSource.system())
        .compose(store -> SharedLog.open(store, settings, InstantSource.system()))
        .map(EventLog.class::cast);
  }
}
