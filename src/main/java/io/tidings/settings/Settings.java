package io.tidings.settings;

import java.util.Map;

/**
 * All settings of a process, one record for each section. Each section reads its own keys, with
 * their defaults and bounds; {@code conf/config.yaml} documents them, and a test compares the two.
 *
 * @param stats whether the hub keeps statistics of the last minutes and serves them at {@code
 *     /stats}
 * @param scenes whether this process serves the example pages under {@code /scenes/}
 */
public record Settings(
    Role role,
    LoggingSettings logging,
    HttpSettings http,
    StreamSettings stream,
    LimitSettings limits,
    MemorySettings memory,
    CorsSettings cors,
    AuthSettings auth,
    PresenceSettings presence,
    LogSettings log,
    ClusterSettings cluster,
    BusSettings bus,
    ProducerSettings producer,
    boolean stats,
    boolean scenes) {
  /** The value that turns a setting off. */
  public static final String NONE = "none";

  /** The value that leaves a setting to the hub. */
  public static final String AUTO = "auto";

  /** Whether this process is a hub, a producer, or both; or a hub that only follows a cluster. */
  public enum Role {
    ALL,
    HUB,
    PRODUCER,
    EDGE;

    public boolean hub() {
      return this != PRODUCER;
    }

    public boolean producer() {
      return this == ALL || this == PRODUCER;
    }
  }

  /**
   * @param configured values by dotted key, or nested as in {@code conf/config.yaml}
   * @throws InvalidSetting if a value is out of bounds, or a key is unknown
   */
  public static Settings of(Map<String, ?> configured) {
    var values = new SettingValues(dotted(configured));
    Settings settings = read(values);
    values.checkAllKnown();
    return settings;
  }

  /**
   * The same settings by dotted key.
   *
   * @param configured as of {@link #of}
   * @throws InvalidSetting if a key is given twice, or is no text
   */
  public static Map<String, Object> dotted(Map<String, ?> configured) {
    return DottedKeys.of(configured);
  }

  /** All keys with their defaults, as they are written in {@code conf/config.yaml}. */
  public static Map<String, String> defaults() {
    var values = new SettingValues(Map.of());
    read(values);
    return values.defaults();
  }

  private static Settings read(SettingValues values) {
    return new Settings(
        values.choice("role", Role.ALL, Role.class),
        LoggingSettings.read(values),
        HttpSettings.read(values),
        StreamSettings.read(values),
        LimitSettings.read(values),
        MemorySettings.read(values),
        CorsSettings.read(values),
        AuthSettings.read(values),
        PresenceSettings.read(values),
        LogSettings.read(values),
        ClusterSettings.read(values),
        BusSettings.read(values),
        ProducerSettings.read(values),
        values.flag("stats", true),
        values.flag("scenes", true));
  }

  /** A copy whose in-memory window of entries takes no more than the given number of bytes. */
  public Settings withLogMemoryAtMost(long bytes) {
    return new Settings(
        role,
        logging,
        http,
        stream,
        limits,
        memory,
        cors,
        auth,
        presence,
        log.withMemoryAtMost(bytes),
        cluster,
        bus,
        producer,
        stats,
        scenes);
  }
}
