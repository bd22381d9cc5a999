package io.tidings;

import io.tidings.settings.InvalidSetting;
import io.tidings.settings.Settings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The settings of a hub that is opened by an application, which has the server and the process. */
final class ApplicationSettings {
  /** What an application may not want unasked: its own event bus has its own addresses. */
  private static final Map<String, Object> DEFAULTS =
      Map.of("role", "hub", "bus.publish", "off", "scenes", "false");

  /** Settings, or sections with a dot at their end, that mean nothing here. */
  private static final List<String> OTHERS =
      List.of(
          "http.",
          "logging.",
          "producer.",
          "cluster.bus",
          "cluster.hazelcast.",
          "auth.cookie",
          "auth.grants.",
          "auth.issuers");

  /** Those of a section that do. */
  private static final Set<String> USED =
      Set.of("http.proxies", "http.upload", "http.idle", "logging.audit");

  private ApplicationSettings() {}

  /**
   * @param given by dotted key, or nested as in {@code conf/config.yaml}
   * @throws InvalidSetting if a setting is unknown, breaks a rule, or has no effect in an
   *     application
   */
  static Settings of(Map<String, ?> given) {
    Map<String, Object> values = new LinkedHashMap<>(DEFAULTS);
    Map<String, Object> dotted = Settings.dotted(given);
    values.putAll(dotted);
    Settings settings = Settings.of(values);
    dotted.forEach(ApplicationSettings::checkUsed);
    if (settings.role().producer() || settings.scenes()) {
      String setting = settings.scenes() ? "scenes" : "role";
      throw InvalidSetting.of(
          setting,
          dotted.get(setting),
          "is for a hub with a server of its own, not in an application");
    }
    return settings;
  }

  private static void checkUsed(String key, Object value) {
    boolean other =
        OTHERS.stream().anyMatch(one -> one.endsWith(".") ? key.startsWith(one) : key.equals(one));
    if (other && !USED.contains(key)) {
      throw InvalidSetting.of(
          key, value, "has no effect in an application, which decides it itself");
    }
  }
}
