package io.tidings;

import io.tidings.log.CommitLimits;
import io.tidings.log.EventLog;
import io.tidings.log.Retention;
import io.tidings.log.StandaloneLog;
import io.tidings.log.disk.DiskFetch;
import io.tidings.log.disk.DiskLog;
import io.tidings.log.raft.LocalFiles;
import io.tidings.log.raft.RaftLog;
import io.tidings.log.raft.RaftVoters;
import io.tidings.log.raft.SettingsInForce;
import io.tidings.log.raft.Voters;
import io.tidings.log.redis.RedisHubs;
import io.tidings.log.redis.RedisStore;
import io.tidings.log.redis.SharedLog;
import io.tidings.metrics.Metrics;
import io.tidings.settings.ClusterSettings;
import io.tidings.settings.CommonSettings;
import io.tidings.settings.InvalidSetting;
import io.tidings.settings.LocalMember;
import io.tidings.settings.LogSettings;
import io.tidings.settings.LogSettings.Kind;
import io.tidings.settings.Member;
import io.tidings.settings.Settings;
import io.tidings.settings.Settings.Role;
import io.tidings.tls.NodeCertificates;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/** Selects the implementation of the log by the settings, and opens it. */
final class LogFactory {
  private LogFactory() {}

  /**
   * A log.
   *
   * @param voters the nodes that share it, if it is that of a cluster
   * @param hubs the other hubs that share it, if it is in Redis
   * @param tls between the nodes of a cluster
   */
  record OpenLog(
      EventLog log, Optional<Voters> voters, Optional<RedisHubs> hubs, Optional<ClusterTls> tls) {
    /** Closes it. */
    Future<Void> close() {
      tls.ifPresent(ClusterTls::stop);
      return log.close();
    }
  }

  /**
   * Checks what sections of the settings require of each other.
   *
   * @throws InvalidSetting if role, cluster, event bus and kind of log contradict each other
   */
  static void check(Settings settings) {
    ClusterSettings cluster = settings.cluster();
    if (!settings.role().hub()) {
      if (!cluster.hasBus()) {
        throw InvalidSetting.of(
            "role", "producer", "publishes to hubs over an event bus: set cluster.bus=hazelcast");
      }
      return;
    }
    kind(settings);
    if (!cluster.raft() && settings.role() == Role.EDGE) {
      throw InvalidSetting.of(
          "role", "edge", "follows a cluster: see --cluster, and list voters in cluster.members");
    } else if (cluster.raft()) {
      ClusterTls.check(settings, self(settings));
    } else {
      ClusterTls.checkNone(settings);
    }
  }

  private static Member self(Settings settings) {
    return settings.role() == Role.EDGE
        ? LocalMember.ofEdge(settings.cluster())
        : LocalMember.of(settings.cluster());
  }

  /** A warning about a cluster that tolerates no more failures than one with a node less. */
  static Optional<String> warning(Settings settings) {
    int members = settings.cluster().members().size();
    if (!settings.role().hub()
        || settings.role() == Role.EDGE
        || !settings.cluster().raft()
        || settings.cluster().join()
        || members % 2 == 1) {
      return Optional.empty();
    }
    return Optional.of(
        "cluster.members: "
            + members
            + " nodes go on without "
            + (members - 1) / 2
            + " of them, as "
            + (members - 1)
            + " do; an odd number is better");
  }

  /**
   * The kind of log: the configured one, otherwise that of a cluster, or else a log on disk.
   *
   * @throws InvalidSetting if cluster and kind of log contradict each other
   */
  static Kind kind(Settings settings) {
    Kind kind = settings.log().kind();
    boolean cluster = settings.cluster().raft();
    if (kind == Kind.AUTO) {
      return cluster ? Kind.RAFT : Kind.DISK;
    } else if (cluster && kind != Kind.RAFT) {
      throw InvalidSetting.of(
          "log.kind",
          word(kind),
          "is not the log of a cluster: leave it out, or set cluster.kind=none");
    } else if (!cluster && kind == Kind.RAFT) {
      throw InvalidSetting.of(
          "log.kind", word(kind), "is the log of a cluster, and there is none; see --cluster");
    }
    return kind;
  }

  /** Whether other hubs write the same log. */
  static boolean isShared(Settings settings) {
    Kind kind = kind(settings);
    return kind == Kind.RAFT || kind == Kind.REDIS;
  }

  /** A kind of log as it is written in settings. */
  static String word(Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  /**
   * Opens the log.
   *
   * @return fails if it can't be opened
   */
  static Future<OpenLog> open(Vertx vertx, Settings settings, Metrics metrics) {
    LogSettings log = settings.log();
    return switch (kind(settings)) {
      case MEMORY -> alone(Future.succeededFuture(memory(log, metrics)));
      case RAFT -> raft(vertx, settings, metrics);
      case REDIS -> redis(vertx, log, NodeName.of(settings));
      default -> alone(vertx.executeBlocking(() -> disk(log, metrics)));
    };
  }

  private static Future<OpenLog> alone(Future<EventLog> log) {
    return log.map(
        opened -> new OpenLog(opened, Optional.empty(), Optional.empty(), Optional.empty()));
  }

  /** One line about a log that has no report of its own. */
  static String report(Settings settings) {
    return kind(settings) == Kind.REDIS
        ? "in Redis, stream " + settings.log().redis().stream()
        : "in memory, lost when the process ends";
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

  private static Future<OpenLog> raft(Vertx vertx, Settings settings, Metrics metrics) {
    Member self = self(settings);
    return ClusterTls.open(vertx, settings, self, metrics)
        .compose(
            tls ->
                Future.succeededFuture(tls.map(ClusterTls::certificates))
                    .compose(
                        own -> raft(settings, self, metrics, own)) // an exception fails the future
                    .map(log -> new OpenLog(log, Optional.of(log), Optional.empty(), tls))
                    .onFailure(e -> tls.ifPresent(ClusterTls::stop)));
  }

  private static Future<RaftLog> raft(
      Settings settings, Member self, Metrics metrics, Optional<NodeCertificates> certificates) {
    LogSettings log = settings.log();
    ClusterSettings cluster = settings.cluster();
    var voters =
        new RaftVoters(
            cluster.name(),
            self.id(),
            cluster.members().stream().map(Member::id).toList(),
            settings.role() == Role.EDGE ? RaftVoters.Part.EDGE : RaftVoters.Part.VOTER);
    var common = new SettingsInForce(CommonSettings.of(settings), settings.role() == Role.EDGE);
    var options =
        new RaftLog.Options(
            voters,
            certificates,
            Path.of(log.dir()),
            cluster.isolated(),
            common,
            log.patience(),
            log.raft().keep(),
            cluster.fetch().rate(),
            cluster.join(),
            cluster.edge().forget());
    InstantSource clock = InstantSource.system();
    return RaftLog.open(
            options,
            new LocalFiles(
                (epoch, trusted) ->
                    DiskLog.openReplica(log, epoch, OptionalLong.of(trusted), clock, metrics),
                DiskFetch.source(log),
                DiskFetch.target(log, fetched(settings))),
            DiskLog.copyOfRecords(log, clock),
            clock,
            metrics.log())
        .recover(
            e ->
                Future.failedFuture(
                    new IllegalStateException("log.dir=" + log.dir() + ": " + e.getMessage(), e)));
  }

  /** A voter has what the others have; an edge, what its own settings say. */
  private static Retention fetched(Settings settings) {
    return settings.role() == Role.EDGE
        ? Retention.of(settings.log().keep())
        : Retention.unlimited();
  }

  private static Future<OpenLog> redis(Vertx vertx, LogSettings settings, String name) {
    return RedisStore.open(vertx, settings, InstantSource.system())
        .compose(
            store ->
                SharedLog.open(store, settings, InstantSource.system())
                    .map(
                        log ->
                            new OpenLog(
                                log,
                                Optional.empty(),
                                Optional.of(store.hubs(name)),
                                Optional.empty())));
  }
}
