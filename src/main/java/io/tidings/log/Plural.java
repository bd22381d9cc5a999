package io.tidings.log;

import java.util.Locale;

/** Formats counts with a noun: "1 entry", "2,000 entries". */
public final class Plural {
  private Plural() {}

  public static String entries(long count) {
    return of(count, "entry", "entries");
  }

  public static String segments(long count) {
    return of(count, "segment", "segments");
  }

  public static String of(long count, String one, String many) {
    return String.format(Locale.ROOT, "%,d %s", count, count == 1 ? one : many);
  }
}
