package io.tidings.settings;

import java.util.regex.Pattern;

/**
 * Parses and formats a number of bytes: {@code 1048576}, {@code 64KiB}, {@code 1MiB}, {@code 1GiB}.
 */
final class ByteSize {
  static final long KIB = 1L << 10;
  static final long MIB = 1L << 20;
  static final long GIB = 1L << 30;

  static final String RULE = "must be a number of bytes such as 500, 64KiB, 1MiB or 1GiB";

  private static final Pattern FORMAT = Pattern.compile("(\\d{1,9})(KiB|MiB|GiB)?|\\d{1,18}");

  private ByteSize() {}

  static long parse(String text) {
    var matcher = FORMAT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(RULE);
    }
    if (matcher.group(2) == null) {
      return Long.parseLong(text);
    }
    long unit =
        switch (matcher.group(2)) {
          case "KiB" -> KIB;
          case "MiB" -> MIB;
          default -> GIB;
        };
    return Long.parseLong(matcher.group(1)) * unit;
  }

  static String text(long bytes) {
    if (bytes >= GIB && bytes % GIB == 0) {
      return bytes / GIB + "GiB";
    } else if (bytes >= MIB && bytes % MIB == 0) {
      return bytes / MIB + "MiB";
    } else if (bytes >= KIB && bytes % KIB == 0) {
      return bytes / KIB + "KiB";
    }
    return Long.toString(bytes);
  }
}
