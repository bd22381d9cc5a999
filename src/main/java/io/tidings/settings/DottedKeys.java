package io.tidings.settings;

import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** Turns settings that are nested as in YAML into values by dotted key. Lists stay as they are. */
final class DottedKeys {
  private final Map<String, Object> values = new LinkedHashMap<>();

  private DottedKeys() {}

  /**
   * @param settings by key, dotted or not; a value may be a map or a {@link JsonObject} of further
   *     ones, a Path or a Duration; null leaves a setting at its default
   * @throws InvalidSetting if a key is given twice, or is no text
   */
  static Map<String, Object> of(Map<?, ?> settings) {
    var keys = new DottedKeys();
    keys.add("", settings);
    return keys.values;
  }

  private void add(String prefix, Map<?, ?> settings) {
    settings.forEach(
        (key, value) -> {
          if (!(key instanceof String name)) {
            throw InvalidSetting.of(prefix + key, value, "has a key that is not a text");
          }
          addValue(prefix + name, value);
        });
  }

  /** As YAML would have it. */
  private static Object plain(String key, Object value) {
    if (value instanceof Duration duration) {
      if (!duration.equals(Duration.ofMillis(duration.toMillis()))) {
        throw InvalidSetting.of(key, value, "must be a number of milliseconds");
      }
      return DurationFormat.text(duration);
    }
    return value instanceof Path path ? path.toString() : value;
  }

  private void addValue(String key, Object value) {
    if (value instanceof JsonObject inner) {
      add(key + '.', inner.getMap());
    } else if (value instanceof Map<?, ?> inner) {
      add(key + '.', inner);
    } else if (value != null && values.putIfAbsent(key, plain(key, value)) != null) {
      throw InvalidSetting.of(key, value, "is given twice, with a dotted key and within a map");
    }
  }
}
