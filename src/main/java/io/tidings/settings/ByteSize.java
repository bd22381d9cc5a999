package io.tidings.settings;

import java.util.regex.Pattern;

/**
 * How people write a number of bytes: {@code 1048576}, {@code 64KiB}, {@code 1MiB}, {@code 1GiB}.
 */
final class ByteSize {
  static final String RULE = "must be a number of bytes such as 500, 64KiB, 1MiB or 1GiB";

  private static final Pattern FORM = Pattern.compile("(\\d{1,9})(KiB|MiB|GiB)?|\\d{1,18}");

  private ByteSize() {}

  static long parse(String text) {
    var form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException(RULE);
    }
    if (form.group(2) == null) {
      return Long.parseLong(text);
    }
    int power =
        switch (form.group(2)) {
          case "KiB" -> 10;
          case "MiB" -> 20;
          default -> 30;
        };
    return Long.parseLong(form.group(1)) << power;
  }

  static String text(long bytes) {
    if (bytes >= 1 << 30 && bytes % (1 << 30) == 0) {
      return (bytes >> 30) + "GiB";
    } else if (bytes >= 1 << 20 && bytes % (1 << 20) == 0) {
      return (bytes >> 20) + "MiB";
    } else if (bytes >= 1 << 10 && bytes % (1 << 10) == 0) {
      return (bytes >> 10) + "KiB";
    }
    return Long.toString(bytes);
  }
}
