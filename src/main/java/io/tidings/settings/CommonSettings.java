package io.tidings.settings;

import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The settings that all nodes of a cluster have in common. A node is started with its own; once the
 * cluster has begun, those of its replicated state count, which an administrator changes while it
 * runs. Their names, rules and formats are those of the settings.
 *
 * @param once how long a repeated publication is recognised; zero: never
 * @param dedup the bytes of what repeated publications are recognised by
 * @param keep the retention of the voters
 * @param body bytes of a request body
 * @param topic bytes of a topic in UTF-8
 */
public record CommonSettings(
    Duration once, long dedup, LogSettings.Keep keep, int body, int topic) {
  public static final String ONCE = "log.once";
  public static final String DEDUP = "log.raft.dedup";
  private static final String KEEP_BYTES = "log.keep.bytes";
  private static final String KEEP_AGE = "log.keep.age";
  private static final String KEEP_ENTRIES = "log.keep.entries";
  private static final String BODY = "limits.body";
  private static final String TOPIC = "limits.topic";

  /** Those of the retention, which an edge has of its own. */
  public static final Set<String> KEEP = Set.of(KEEP_BYTES, KEEP_AGE, KEEP_ENTRIES);

  /** The values of a node whose settings name none of them. */
  public static final CommonSettings DEFAULT = read(new SettingValues(Map.of()));

  /** Those that a node is started with. */
  public static CommonSettings of(Settings settings) {
    return new CommonSettings(
        settings.log().once(),
        settings.log().raft().dedup(),
        settings.log().keep(),
        settings.limits().body(),
        settings.limits().topic());
  }

  private static CommonSettings read(SettingValues values) {
    return new CommonSettings(
        LogSettings.once(values),
        LogSettings.Raft.dedup(values),
        LogSettings.Keep.read(values),
        LimitSettings.body(values),
        LimitSettings.topic(values));
  }

  /**
   * A copy with some other values, as they are written in settings.
   *
   * @param changes by name
   * @throws InvalidSetting if a name is none of these, or a value breaks its rule
   */
  public CommonSettings with(Map<String, ?> changes) {
    var values = new LinkedHashMap<String, Object>(texts());
    changes.forEach(
        (name, value) -> {
          requireKnown(name, values.keySet());
          if (value == null) {
            throw InvalidSetting.of(name, null, "must be a single value");
          }
          values.put(name, value);
        });
    return read(new SettingValues(values));
  }

  /** Without the value, as of any key that is not known. */
  private static void requireKnown(String name, Collection<String> known) {
    if (!known.contains(name)) {
      throw new InvalidSetting(
          name.replaceAll("\\p{Cntrl}", "?")
              + ": is not a setting that a cluster has in common; these are: "
              + String.join(", ", known));
    }
  }

  /** The values by name, as they are written in settings. */
  public Map<String, String> texts() {
    var texts = new LinkedHashMap<String, String>();
    texts.put(ONCE, DurationFormat.text(once));
    texts.put(DEDUP, ByteSize.text(dedup));
    texts.put(KEEP_BYTES, ByteSize.text(keep.bytes()));
    texts.put(KEEP_AGE, DurationFormat.text(keep.age()));
    texts.put(KEEP_ENTRIES, Long.toString(keep.entries()));
    texts.put(BODY, ByteSize.text(body));
    texts.put(TOPIC, ByteSize.text(topic));
    return Collections.unmodifiableMap(texts);
  }

  /** The values by name, as commands have them: bytes, milliseconds, or a number. */
  public Map<String, Long> numbers() {
    var numbers = new LinkedHashMap<String, Long>();
    numbers.put(ONCE, once.toMillis());
    numbers.put(DEDUP, dedup);
    numbers.put(KEEP_BYTES, keep.bytes());
    numbers.put(KEEP_AGE, keep.age().toMillis());
    numbers.put(KEEP_ENTRIES, keep.entries());
    numbers.put(BODY, (long) body);
    numbers.put(TOPIC, (long) topic);
    return Collections.unmodifiableMap(numbers);
  }

  /**
   * A copy with some other values, as {@link #numbers} gives them.
   *
   * @throws IllegalArgumentException if a name is none of these, or a value can't be one of it
   */
  public CommonSettings withNumbers(Map<String, Long> changes) {
    var numbers = new LinkedHashMap<>(numbers());
    changes.forEach(
        (name, value) -> {
          if (!numbers.containsKey(name) || value < 0) {
            throw new IllegalArgumentException(name + " can't be " + value);
          }
          numbers.put(name, value);
        });
    return new CommonSettings(
        Duration.ofMillis(numbers.get(ONCE)),
        numbers.get(DEDUP),
        new LogSettings.Keep(
            numbers.get(KEEP_BYTES),
            Duration.ofMillis(numbers.get(KEEP_AGE)),
            numbers.get(KEEP_ENTRIES)),
        toInt(BODY, numbers),
        toInt(TOPIC, numbers));
  }

  private static int toInt(String name, Map<String, Long> numbers) {
    long number = numbers.get(name);
    if (number > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(name + " can't be " + number);
    }
    return (int) number;
  }
}
