package io.tidings.settings;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Everything that can be set, with its default and its bounds. {@code conf/config.yaml} tells what
 * each is for; a test holds the two together.
 *
 * @param stats whether the hub keeps its figures of the last minutes, and tells them at {@code
 *     /stats}
 * @param scenes whether what the pages under {@code /scenes/} show is made here
 */
public record Settings(
    Role role,
    Logging logging,
    Http http,
    Stream stream,
    Limits limits,
    Memory memory,
    Cors cors,
    Log log,
    Cluster cluster,
    Bus bus,
    Producer producer,
    boolean stats,
    boolean scenes) {
  private static final int KIB = 1 << 10;
  private static final int MIB = 1 << 20;
  private static final long GIB = 1L << 30;
  private static final Pattern ORIGIN = Pattern.compile("\\*|null|[a-z][a-z0-9+.-]*://[^/\\s,]+");
  private static final Pattern MEMBER =
      Pattern.compile("[\\w.-]+(:\\d{1,5})?|\\[[\\da-fA-F:.]+](:\\d{1,5})?");
  private static final Pattern HOST = Pattern.compile("(\\*\\.)?[\\w-]+(\\.[\\w-]+)*");
  private static final Duration DAY = Duration.ofDays(1);

  /** What is not there. */
  public static final String NONE = "none";

  /** What is found out by itself. */
  public static final String AUTO = "auto";

  /** What this process is: hub and producer, or one of them alone. */
  public enum Role {
    ALL,
    HUB,
    PRODUCER;

    public boolean hub() {
      return this != PRODUCER;
    }

    public boolean producer() {
      return this != HUB;
    }
  }

  /**
   * What the process tells of itself while it runs.
   *
   * @param level the least that is told
   */
  public record Logging(Format format, Level level) {
    /** Lines for people, or an object a line for programs. */
    public enum Format {
      TEXT,
      JSON
    }

    /** How grave it is. */
    public enum Level {
      ERROR,
      WARNING,
      INFO,
      DEBUG
    }
  }

  /**
   * Where the hub listens. Port 0 takes a free one.
   *
   * @param idle after which silence a connection without a stream is closed; zero for never
   * @param proxies whose word is taken for what a client said to them
   * @param hosts the names that clients may ask for, in lower case, beside those of this machine
   *     and addresses; {@code *.} in front for all names below one
   * @param connections how many there may be at a time; 0 for what the machine allows
   * @param upload how long the body of a request may take; zero for as long as it likes
   */
  public record Http(
      String host,
      int port,
      Duration idle,
      Transport transport,
      int loops,
      List<Cidr> proxies,
      List<String> hosts,
      int connections,
      Duration upload) {
    /** How sockets are driven; {@link #AUTO} takes the best there is. */
    public enum Transport {
      AUTO,
      IO_URING,
      EPOLL,
      NIO
    }
  }

  /**
   * How streams are served.
   *
   * @param heartbeat after which silence a sign of life is sent; zero for never
   * @param retry how long clients are told to wait before they connect again; zero for what they
   *     like
   * @param drain over which time streams are ended when the hub stops
   * @param drainEnd how event streams end then, and whenever their client is to come back
   * @param stall after which time a client that takes nothing is cut; zero for never
   * @param buffer the bytes that the kernel holds for a client that is slow to take them
   * @param outlet how bytes get to the socket
   */
  public record Stream(
      Duration heartbeat,
      Duration retry,
      Duration drain,
      DrainEnd drainEnd,
      Duration stall,
      int buffer,
      OutletKind outlet) {
    /** Without the end of the response, so that every client comes back; or with it. */
    public enum DrainEnd {
      CUT,
      CLEAN
    }

    /** By the channel, fast; or by the public API of Vert.x, portable. */
    public enum OutletKind {
      CHANNEL,
      RESPONSE
    }
  }

  /** What clients may send: bytes of a body, topics of one stream, bytes of a topic. */
  public record Limits(int body, int topics, int topic) {}

  /**
   * The memory that the hub may take, in bytes; 0 for a part of what the JVM has.
   *
   * @param heap for what it keeps as objects
   * @param direct for what it writes to sockets
   */
  public record Memory(long heap, long direct) {}

  /** The origins whose pages may subscribe or publish, besides the hub's own; {@code *} for all. */
  public record Cors(List<String> subscribe, List<String> publish) {}

  /**
   * What is remembered, and where.
   *
   * @param dir the directory of a log on disk
   * @param sync when what was written is forced to the disk
   * @param once how long a publication that is repeated is recognised; zero for never
   * @param memory the bytes that the newest entries may take in memory
   * @param patience how long a publisher waits for its answer
   */
  public record Log(
      Kind kind,
      String dir,
      Sync sync,
      Duration once,
      long memory,
      Keep keep,
      Duration patience,
      Ring ring,
      Redis redis) {
    /** The kinds of logs; {@link #AUTO} takes the one that fits. */
    public enum Kind {
      AUTO,
      MEMORY,
      DISK,
      RING,
      REDIS
    }

    /**
     * A log in the memory of a cluster.
     *
     * @param capacity how many records it has room for
     * @param backups how many other nodes have it too
     */
    public record Ring(int capacity, int backups) {}

    /**
     * A log in Redis.
     *
     * @param url where, with user and password; {@code rediss} for TLS
     * @param stream the key that it has there
     * @param entries how many are kept
     * @param replicas how many replicas must have what is published before it is acknowledged
     * @param ca the file with the certificates to trust, PEM; {@code none} for those that Java
     *     trusts
     */
    public record Redis(String url, String stream, long entries, int replicas, String ca) {}

    /**
     * When what was written is forced to the disk: never by the hub, but by the operating system
     * ({@code os}); with every write ({@code batch}); or from time to time.
     *
     * @param word what it was called
     * @param every how often, where it is a span of time
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
          throw new IllegalArgumentException("must be os, batch, or a span such as 100ms", e);
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

    /** The same, with so many bytes for the newest entries at the most. */
    public Log within(long bytes) {
      return new Log(kind, dir, sync, once, Math.min(memory, bytes), keep, patience, ring, redis);
    }

    /** How much is kept: bytes, age and number of entries, each 0 for no limit. */
    public record Keep(long bytes, Duration age, long entries) {}
  }

  /**
   * Alone, or with others.
   *
   * @param name nodes with the same name belong together
   * @param node what this node is called; {@code auto} for its address
   * @param members where the others are; empty to look for them in the network
   * @param dns a name whose addresses are the nodes', as Kubernetes has it for a headless service;
   *     {@code none}
   * @param host the address at which the nodes reach this one; {@code auto} for the machine's
   * @param port for Hazelcast, the next free one from there on
   * @param busPort for the event bus; 0 for any
   * @param quorum how many nodes must hear each other to publish; 0 for more than half of those
   *     there were
   * @param silence after which a node that says nothing is given up
   */
  public record Cluster(
      Kind kind,
      String name,
      String node,
      List<String> members,
      String dns,
      String host,
      int port,
      int busPort,
      int quorum,
      Duration silence) {
    /** What holds the nodes together. */
    public enum Kind {
      NONE,
      HAZELCAST
    }

    public boolean on() {
      return kind != Kind.NONE;
    }
  }

  /** What goes from topics to addresses of the event bus, and from addresses to topics. */
  public record Bus(List<Relay> out, List<Relay> in) {
    /**
     * One way.
     *
     * @param topic a pattern where it leads out, a topic where it leads in
     */
    public record Relay(String topic, String address) {}
  }

  /**
   * What the producer says.
   *
   * @param clock how often it tells the time; zero for never
   * @param keyboard whether it reads lines from the console
   * @param timers what else it says, and how often
   */
  public record Producer(Duration clock, boolean keyboard, List<Timer> timers) {
    /** Something said again and again. */
    public record Timer(String topic, Duration every, String type, String data) {}
  }

  /**
   * @param configured values by dotted key
   * @throws InvalidSetting where one breaks a rule, or is none
   */
  public static Settings of(Map<String, Object> configured) {
    var values = new SettingValues(configured);
    Settings settings = read(values);
    values.checkAllKnown();
    return settings;
  }

  /** The same, with so many bytes for the log's newest entries at the most. */
  public Settings withLogMemory(long bytes) {
    return new Settings(
        role,
        logging,
        http,
        stream,
        limits,
        memory,
        cors,
        log.within(bytes),
        cluster,
        bus,
        producer,
        stats,
        scenes);
  }

  /** All keys with their defaults, as people write them. */
  public static Map<String, String> defaults() {
    var values = new SettingValues(Map.of());
    read(values);
    return values.defaults();
  }

  private static Settings read(SettingValues values) {
    return new Settings(
        values.choice("role", Role.ALL, Role.class),
        new Logging(
            values.choice("logging.format", Logging.Format.TEXT, Logging.Format.class),
            values.choice("logging.level", Logging.Level.INFO, Logging.Level.class)),
        new Http(
            values.text("http.host", "127.0.0.1"),
            values.whole("http.port", 8080, 0, 65_535),
            values.span("http.idle", Duration.ofMinutes(1), DAY),
            values.choice("http.transport", Http.Transport.AUTO, Http.Transport.class),
            values.whole("http.loops", 0, 0, 256),
            networks(values, "http.proxies"),
            hosts(values, "http.hosts"),
            values.whole("http.connections", 0, 0, 10_000_000),
            values.span("http.upload", Duration.ofSeconds(30), DAY)),
        new Stream(
            values.span("stream.heartbeat", Duration.ofSeconds(15), DAY),
            values.span("stream.retry", Duration.ofSeconds(2), DAY),
            values.span("stream.drain", Duration.ofSeconds(2), Duration.ofHours(1)),
            values.choice("stream.drain.end", Stream.DrainEnd.CUT, Stream.DrainEnd.class),
            values.span("stream.stall", Duration.ofSeconds(30), DAY),
            (int) values.bytes("stream.buffer", 16 * KIB, 4 * KIB, 64 * MIB),
            values.choice("stream.outlet", Stream.OutletKind.CHANNEL, Stream.OutletKind.class)),
        new Limits(
            (int) values.bytes("limits.body", MIB, 1, 512 * MIB),
            values.whole("limits.topics", 100, 1, 10_000),
            (int) values.bytes("limits.topic", KIB, 1, 64 * KIB - 1)),
        new Memory(
            values.bytesOrAuto("memory.heap", 16 * MIB, 1024 * GIB),
            values.bytesOrAuto("memory.direct", 4 * MIB, 1024 * GIB)),
        new Cors(origins(values, "cors.subscribe"), origins(values, "cors.publish")),
        new Log(
            values.choice("log.kind", Log.Kind.AUTO, Log.Kind.class),
            values.text("log.dir", "data"),
            values.parsed("log.sync", "os", Log.Sync::parse),
            values.span("log.once", Duration.ofMinutes(10), DAY),
            values.bytes("log.memory", 64 * MIB, MIB, 1024 * GIB),
            new Log.Keep(
                values.bytes("log.keep.bytes", GIB, 0, 1024 * 1024 * GIB),
                values.span("log.keep.age", Duration.ZERO, Duration.ofDays(36_500)),
                values.count("log.keep.entries", 0)),
            values.span("log.patience", Duration.ofSeconds(2), Duration.ofMinutes(1)),
            new Log.Ring(
                values.whole("log.ring.capacity", 100_000, 5_000, 100_000_000),
                values.whole("log.ring.backups", 1, 0, 6)),
            new Log.Redis(
                values.text("log.redis.url", "redis://127.0.0.1:6379"),
                values.text("log.redis.stream", "tidings"),
                values.count("log.redis.entries", 1_000_000),
                values.whole("log.redis.replicas", 0, 0, 100),
                values.text("log.redis.ca", NONE))),
        new Cluster(
            values.choice("cluster.kind", Cluster.Kind.NONE, Cluster.Kind.class),
            values.text("cluster.name", "tidings"),
            values.text("cluster.node", AUTO),
            values.texts(
                "cluster.members",
                MEMBER,
                "must be a list of hosts, or hosts and ports such as node1:5701"),
            values.text("cluster.dns", NONE),
            values.text("cluster.host", AUTO),
            values.whole("cluster.port", 5_701, 1, 65_535),
            values.whole("cluster.bus.port", 0, 0, 65_535),
            values.whole("cluster.quorum", 0, 0, 1_000),
            values.span("cluster.silence", Duration.ofSeconds(10), Duration.ofHours(1))),
        new Bus(
            values.objects("bus.out", Settings::relay), values.objects("bus.in", Settings::relay)),
        new Producer(
            values.spanOrFlag("producer.clock", Duration.ofSeconds(1), DAY),
            values.flag("producer.keyboard", true),
            values.objects("producer.timers", Settings::timer)),
        values.flag("stats", true),
        values.flag("scenes", true));
  }

  private static List<String> origins(SettingValues values, String key) {
    return values.texts(
        key, ORIGIN, "must be a list of origins such as https://example.org, or * for all");
  }

  private static List<Cidr> networks(SettingValues values, String key) {
    return values.list(key, "[loopback]", Cidr::parse).stream().flatMap(List::stream).toList();
  }

  private static List<String> hosts(SettingValues values, String key) {
    String rule =
        "must be a list of names such as news.example.org, without scheme and port, or *.example.org";
    return values.texts(key, HOST, rule).stream()
        .map(name -> name.toLowerCase(Locale.ROOT))
        .toList();
  }

  private static Bus.Relay relay(SettingValues values) {
    return new Bus.Relay(values.text("topic", "none"), values.text("address", "none"));
  }

  private static Producer.Timer timer(SettingValues values) {
    return new Producer.Timer(
        values.text("topic", "timer"),
        values.span("every", Duration.ofSeconds(1), DAY),
        values.text("type", "message"),
        values.text("data", "{time}"));
  }
}
