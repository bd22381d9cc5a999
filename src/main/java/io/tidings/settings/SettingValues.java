package io.tidings.settings;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The configured values by key. Each read method declares a key with its default and its rule;
 * after all sections have been read, {@link #defaults} has every known key, and {@link
 * #checkAllKnown} rejects the rest.
 */
final class SettingValues {
  static final Duration DAY = Duration.ofDays(1);

  private final Map<String, Object> configured;
  private final Map<String, String> defaults = new LinkedHashMap<>();

  /**
   * @param configured values by dotted key, as YAML or a command line gives them
   */
  SettingValues(Map<String, Object> configured) {
    this.configured = configured;
  }

  /** The defaults of all keys that were read, in the format of {@code conf/config.yaml}. */
  Map<String, String> defaults() {
    return defaults;
  }

  /**
   * @throws InvalidSetting if a configured key was not read
   */
  void checkAllKnown() {
    var unknown = new TreeSet<>(configured.keySet());
    unknown.removeAll(defaults.keySet());
    if (!unknown.isEmpty()) {
      String key = unknown.first();
      String section = key + '.';
      throw InvalidSetting.of(
          key,
          configured.get(key),
          defaults.keySet().stream().anyMatch(known -> known.startsWith(section))
              ? "is a section, which has settings of its own"
              : "is not a setting");
    }
  }

  String string(String key, String defaultValue) {
    return read(
        key, defaultValue, defaultValue, text -> text.isBlank() ? fail("must not be empty") : text);
  }

  int integer(String key, int defaultValue, int min, int max) {
    String rule = "must be a whole number from " + min + " to " + max;
    return read(
        key,
        defaultValue,
        Integer.toString(defaultValue),
        text -> within(text, rule, min, max).intValue());
  }

  long count(String key, long defaultValue) {
    String rule = "must be a whole number, 0 or more";
    return read(
        key,
        defaultValue,
        Long.toString(defaultValue),
        text -> within(text, rule, 0, Long.MAX_VALUE));
  }

  long bytes(String key, long defaultValue, long min, long max) {
    return read(key, defaultValue, ByteSize.text(defaultValue), text -> bytes(text, min, max));
  }

  /** A number of bytes, or {@link Settings#AUTO}, which is 0. */
  long bytesOrAuto(String key, long min, long max) {
    return read(
        key, 0L, Settings.AUTO, text -> text.equals(Settings.AUTO) ? 0L : bytes(text, min, max));
  }

  private static long bytes(String text, long min, long max) {
    long bytes = ByteSize.parse(text);
    return bytes < min || bytes > max
        ? fail("must be from " + ByteSize.text(min) + " to " + ByteSize.text(max))
        : bytes;
  }

  Duration duration(String key, Duration defaultValue, Duration max) {
    return read(key, defaultValue, DurationFormat.text(defaultValue), text -> duration(text, max));
  }

  /** A duration, or a flag: true for the default, false for zero. */
  Duration durationOrFlag(String key, Duration defaultValue, Duration max) {
    return read(
        key,
        defaultValue,
        DurationFormat.text(defaultValue),
        text ->
            switch (text) {
              case "true", "on", "yes" -> defaultValue;
              case "false", "off", "no" -> Duration.ZERO;
              default -> duration(text, max);
            });
  }

  /**
   * @param parser throws IllegalArgumentException with the violated rule
   */
  <T> T parsed(String key, String defaultValue, Function<String, T> parser) {
    return read(key, parser.apply(defaultValue), defaultValue, parser);
  }

  boolean flag(String key, boolean defaultValue) {
    return read(
        key,
        defaultValue,
        Boolean.toString(defaultValue),
        text ->
            switch (text) {
              case "true", "on", "yes" -> true;
              case "false", "off", "no" -> false;
              default -> fail("must be true or false");
            });
  }

  <E extends Enum<E>> E choice(String key, E defaultValue, Class<E> choices) {
    List<String> words = new ArrayList<>();
    for (E choice : choices.getEnumConstants()) {
      words.add(word(choice));
    }
    return read(
        key,
        defaultValue,
        word(defaultValue),
        text ->
            words.contains(text)
                ? choices.getEnumConstants()[words.indexOf(text)]
                : fail("must be one of " + String.join(", ", words)));
  }

  /** A list of strings that match the pattern. */
  List<String> strings(String key, Pattern pattern, String rule) {
    return list(key, "[]", text -> pattern.matcher(text).matches() ? text : fail(rule));
  }

  /**
   * A list of values, given as a list or as a comma-separated string with or without brackets.
   *
   * @param parser throws IllegalArgumentException with the rule that an item violates
   */
  <T> List<T> list(String key, String defaultValue, Function<String, T> parser) {
    defaults.put(key, defaultValue);
    Object value = configured.getOrDefault(key, defaultValue);
    try {
      return items(value).stream()
          .map(item -> parser.apply(item.toString().strip()))
          .collect(Collectors.toUnmodifiableList());
    } catch (IllegalArgumentException e) {
      throw InvalidSetting.of(key, value, e.getMessage());
    }
  }

  private static List<?> items(Object value) {
    if (value instanceof JsonArray array) {
      return array.getList();
    }
    if (value instanceof List<?> list) { // within an object of a list
      return list;
    }
    String text = value.toString().strip().replaceFirst("^\\[(.*)]$", "$1");
    return text.isEmpty() ? List.of() : List.of(text.split(","));
  }

  /** A list of objects; the reader reads each object's fields like settings. */
  <T> List<T> objects(String key, Function<SettingValues, T> reader) {
    defaults.put(key, "[]");
    Object value = configured.get(key);
    if (value == null) {
      return List.of();
    }
    var objects = new ArrayList<T>();
    JsonArray array = array(key, value);
    for (int i = 0; i < array.size(); i++) {
      if (!(array.getValue(i) instanceof JsonObject object)) {
        throw InvalidSetting.of(key, value, "must be a list of objects");
      }
      try {
        var fields = new SettingValues(object.getMap());
        objects.add(reader.apply(fields));
        fields.checkAllKnown();
      } catch (InvalidSetting e) {
        throw new InvalidSetting(key + "[" + i + "]." + e.getMessage());
      }
    }
    return List.copyOf(objects);
  }

  private static JsonArray array(String key, Object value) {
    try {
      if (value instanceof List<?> list) {
        return new JsonArray(list);
      }
      return value instanceof JsonArray array ? array : new JsonArray(value.toString());
    } catch (RuntimeException e) {
      throw InvalidSetting.of(key, value, "must be a list; on one line, in JSON");
    }
  }

  private <T> T read(String key, T defaultValue, String defaultText, Function<String, T> parser) {
    defaults.put(key, defaultText);
    Object value = configured.get(key);
    if (value == null) {
      return defaultValue;
    }
    if (!(value instanceof String || value instanceof Number || value instanceof Boolean)) {
      throw InvalidSetting.of(key, value, "must be a single value");
    }
    try {
      return parser.apply(value.toString());
    } catch (IllegalArgumentException e) {
      throw InvalidSetting.of(key, value, e.getMessage());
    }
  }

  private static <T> T fail(String rule) {
    throw new IllegalArgumentException(rule);
  }

  private static Long within(String text, String rule, long min, long max) {
    if (!text.matches("-?\\d{1,18}")) {
      return fail(rule);
    }
    long number = Long.parseLong(text);
    return number < min || number > max ? fail(rule) : number;
  }

  private static Duration duration(String text, Duration max) {
    Duration duration = DurationFormat.parse(text);
    return duration.compareTo(max) > 0
        ? fail("must be at most " + DurationFormat.text(max))
        : duration;
  }

  static String word(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT);
  }
}
