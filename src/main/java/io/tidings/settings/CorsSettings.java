package io.tidings.settings;

import java.util.List;
import java.util.regex.Pattern;

/**
 * The section {@code cors}: the origins, beside the hub's own, whose pages may subscribe or
 * publish; {@code *} for all origins.
 */
public record CorsSettings(List<String> subscribe, List<String> publish) {
  private static final Pattern ORIGIN = Pattern.compile("\\*|null|[a-z][a-z0-9+.-]*://[^/\\s,]+");
  private static final String RULE =
      "must be a list of origins such as https://example.org, or * for all";

  static CorsSettings read(SettingValues values) {
    return new CorsSettings(
        values.strings("cors.subscribe", ORIGIN, RULE),
        values.strings("cors.publish", ORIGIN, RULE));
  }
}
