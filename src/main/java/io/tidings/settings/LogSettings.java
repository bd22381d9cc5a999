package io.tidings.settings;

import java.time.Duration;

/**
 * The section {@code log}: where events are stored, and for how long.
 *
 * @param dir the directory of a log on disk, or of a cluster's node
 * @param sync when written records are forced to the disk
 * @param once how long a repeated publication is recognised; zero: never
 * @param memory the bytes of the in-memory window of the newest entries
 * @param patience how long a publisher waits for its answer
 */
public record LogSettings(
    Kind kind,
    String dir,
    Sync sync,
    Duration once,
    long memory,
    Keep keep,
    Duration patience,
    Raft raft,
    Redis redis) {
  /** The implementation of the log; {@link #AUTO} selects one by whether there is a cluster. */
  public enum Kind {
    AUTO,
    MEMORY,
    DISK,
    RAFT,
    REDIS
  }

  /** Retention in bytes, age and number of entries; 0 for no limit. */
  public record Keep(long bytes, Duration age, long entries) {
    static Keep read(SettingValues values) {
      return new Keep(
          values.bytes("log.keep.bytes", ByteSize.GIB, 0, 1024 * 1024 * ByteSize.GIB),
          values.duration("log.keep.age", Duration.ZERO, Duration.ofDays(36_500)),
          values.count("log.keep.entries", 0));
    }
  }

  /**
   * The log of a cluster.
   *
   * @param dedup the bytes of what repeated publications are recognised by
   * @param keep the bytes of Raft's own log on a node's disk, while another node is away
   */
  public record Raft(long dedup, long keep) {
    private static Raft read(SettingValues values) {
      return new Raft(
          dedup(values),
          values.bytes("log.raft.keep", ByteSize.GIB, 64 * ByteSize.MIB, 1024 * ByteSize.GIB));
    }

    static long dedup(SettingValues values) {
      return values.bytes("log.raft.dedup", 64 * ByteSize.MIB, ByteSize.MIB, 16 * ByteSize.GIB);
    }
  }

  /**
   * A log in Redis.
   *
   * @param url with user and password; {@code rediss} for TLS
   * @param stream the key of the stream
   * @param entries approximately how many entries are kept; 0 for all
   * @param replicas how many replicas must acknowledge a publication before the hub does
   * @param ca a PEM file with the trusted certificates; {@link Settings#NONE} for the JVM's own
   */
  public record Redis(String url, String stream, long entries, int replicas, String ca) {
    private static Redis read(SettingValues values) {
      return new Redis(
          values.string("log.redis.url", "redis://127.0.0.1:6379"),
          values.string("log.redis.stream", "tidings"),
          values.count("log.redis.entries", 1_000_000),
          values.integer("log.redis.replicas", 0, 0, 100),
          values.string("log.redis.ca", Settings.NONE));
    }
  }

  /**
   * When written records are forced to the disk: by the operating system alone ({@code os}), with
   * every write ({@code batch}), or at an interval.
   *
   * @param word the value as configured
   * @param every the interval; zero for {@code os} and {@code batch}
   */
  public record Sync(String word, Duration every) {
    private static final String OS = "os";
    private static final String BATCH = "batch";

    static Sync parse(String text) {
      if (text.equals(OS) || text.equals(BATCH)) {
        return new Sync(text, Duration.ZERO);
      }
      try {
        Duration every = DurationFormat.parse(text);
        if (!every.isZero()) {
          return new Sync(text, every);
        }
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("must be os, batch, or a duration such as 100ms", e);
      }
      throw new IllegalArgumentException("must be longer than 0, or batch for each write");
    }

    public boolean os() {
      return word.equals(OS);
    }

    public boolean batch() {
      return word.equals(BATCH);
    }
  }

  static Duration once(SettingValues values) {
    return values.duration("log.once", Duration.ofMinutes(10), SettingValues.DAY);
  }

  static LogSettings read(SettingValues values) {
    return new LogSettings(
        values.choice("log.kind", Kind.AUTO, Kind.class),
        values.string("log.dir", "data"),
        values.parsed("log.sync", Sync.OS, Sync::parse),
        once(values),
        values.bytes("log.memory", 64 * ByteSize.MIB, ByteSize.MIB, 1024 * ByteSize.GIB),
        Keep.read(values),
        values.duration("log.patience", Duration.ofSeconds(2), Duration.ofMinutes(1)),
        Raft.read(values),
        Redis.read(values));
  }

  /** A copy whose in-memory window takes no more than the given number of bytes. */
  LogSettings withMemoryAtMost(long bytes) {
    return new LogSettings(
        kind, dir, sync, once, Math.min(memory, bytes), keep, patience, raft, redis);
  }
}
