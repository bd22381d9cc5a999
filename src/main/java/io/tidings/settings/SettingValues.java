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
 * What was configured, by key, read one key at a time; each reading says what the key may be.
 * Afterwards it is known which keys there are, and which were configured that are not.
 */
final class SettingValues {
  private final Map<String, Object> configured;
  private final Map<String, String> defaults = new LinkedHashMap<>();

  /**
   * @param configured values by dotted key, as YAML or a command line gives them
   */
  SettingValues(Map<String, Object> configured) {
    this.configured = configured;
  }

  /** The defaults of all keys that were read, as people write them. */
  Map<String, String> defaults() {
    return defaults;
  }

  /**
   * @throws InvalidSetting where something is configured that nobody reads
   */
  void checkAllKnown() {
    var unknown = new TreeSet<>(configured.keySet());
    unknown.removeAll(defaults.keySet());
    if (!unknown.isEmpty()) {
      String key = unknown.first();
      throw InvalidSetting.of(key, configured.get(key), "is not a setting");
    }
  }

  String text(String key, String preset) {
    return read(key, preset, preset, text -> text.isBlank() ? fail("must not be empty") : text);
  }

  int whole(String key, int preset, int min, int max) {
    String rule = "must be a whole number from " + min + " to " + max;
    return read(
        key, preset, Integer.toString(preset), text -> within(text, rule, min, max).intValue());
  }

  long count(String key, long preset) {
    String rule = "must be a whole number, 0 or more";
    return read(key, preset, Long.toString(preset), text -> within(text, rule, 0, Long.MAX_VALUE));
  }

  long bytes(String key, long preset, long min, long max) {
    return read(key, preset, ByteSize.text(preset), text -> bytes(text, min, max));
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

  Duration span(String key, Duration preset, Duration max) {
    return read(key, preset, DurationFormat.text(preset), text -> span(text, max));
  }

  /** A span of time, which can also be switched off, and on with its default. */
  Duration spanOrFlag(String key, Duration preset, Duration max) {
    return read(
        key,
        preset,
        DurationFormat.text(preset),
        text ->
            switch (text) {
              case "true", "on", "yes" -> preset;
              case "false", "off", "no" -> Duration.ZERO;
              default -> span(text, max);
            });
  }

  /**
   * @param parser throws IllegalArgumentException with the rule that a value breaks
   */
  <T> T parsed(String key, String preset, Function<String, T> parser) {
    return read(key, parser.apply(preset), preset, parser);
  }

  boolean flag(String key, boolean preset) {
    return read(
        key,
        preset,
        Boolean.toString(preset),
        text ->
            switch (text) {
              case "true", "on", "yes" -> true;
              case "false", "off", "no" -> false;
              default -> fail("must be true or false");
            });
  }

  <E extends Enum<E>> E choice(String key, E preset, Class<E> choices) {
    List<String> words = new ArrayList<>();
    for (E choice : choices.getEnumConstants()) {
      words.add(word(choice));
    }
    return read(
        key,
        preset,
        word(preset),
        text ->
            words.contains(text)
                ? choices.getEnumConstants()[words.indexOf(text)]
                : fail("must be one of " + String.join(", ", words)));
  }

  /** A list of texts of the given form. */
  List<String> texts(String key, Pattern form, String rule) {
    return list(key, "[]", text -> form.matcher(text).matches() ? text : fail(rule));
  }

  /**
   * A list of values; one text with commas, in brackets or not, is taken for a list too.
   *
   * @param parser throws IllegalArgumentException with the rule that an item breaks
   */
  <T> List<T> list(String key, String preset, Function<String, T> parser) {
    defaults.put(key, preset);
    Object value = configured.getOrDefault(key, preset);
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
    String text = value.toString().strip().replaceFirst("^\\[(.*)]$", "$1");
    return text.isEmpty() ? List.of() : List.of(text.split(","));
  }

  /** A list of objects, whose fields are read as settings of their own. */
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
      return value instanceof JsonArray array ? array : new JsonArray(value.toString());
    } catch (RuntimeException e) {
      throw InvalidSetting.of(key, value, "must be a list, in JSON where it is one line");
    }
  }

  private <T> T read(String key, T preset, String presetText, Function<String, T> parser) {
    defaults.put(key, presetText);
    Object value = configured.get(key);
    if (value == null) {
      return preset;
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

  private static Duration span(String text, Duration max) {
    Duration span = DurationFormat.parse(text);
    return span.compareTo(max) > 0 ? fail("must be at most " + DurationFormat.text(max)) : span;
  }

  static String word(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT);
  }
}
