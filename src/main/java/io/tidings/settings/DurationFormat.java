package io.tidings.settings;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * How people write a span of time: a whole number and a unit, {@code 100ms}, {@code 15s}, {@code
 * 10m}, {@code 24h}, {@code 7d}; or 0.
 */
public final class DurationFormat {
  /** The rule, to be told to those who broke it. */
  public static final String RULE =
      "must be a span of time such as 100ms, 15s, 10m, 24h or 7d, or 0";

  private static final Pattern FORM = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
  private static final Map<String, ChronoUnit> UNITS =
      Map.of(
          "ms", ChronoUnit.MILLIS,
          "s", ChronoUnit.SECONDS,
          "m", ChronoUnit.MINUTES,
          "h", ChronoUnit.HOURS,
          "d", ChronoUnit.DAYS);

  private DurationFormat() {}

  /**
   * @throws IllegalArgumentException with {@link #RULE}, where the text is no span
   */
  public static Duration parse(String text) {
    if (text.equals("0")) {
      return Duration.ZERO;
    }
    var form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException(RULE);
    }
    return Duration.of(Long.parseLong(form.group(1)), UNITS.get(form.group(2)));
  }

  /** The span as people write it, in the largest unit that is exact. */
  public static String text(Duration span) {
    long millis = span.toMillis();
    if (millis == 0) {
      return "0";
    }
    for (String unit : new String[] {"d", "h", "m", "s"}) {
      long size = UNITS.get(unit).getDuration().toMillis();
      if (millis % size == 0) {
        return millis / size + unit;
      }
    }
    return millis + "ms";
  }
}
