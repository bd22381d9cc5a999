package io.tidings;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The version of Vert.x that an application has. */
final class VertxVersion {
  private static final int MAJOR = 5;
  private static final int MINOR = 1;
  private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+)\\..*", Pattern.DOTALL);

  private VertxVersion() {}

  /**
   * @throws IllegalStateException if the hub does not work with it, and would fail at a request
   *     only
   */
  static void check() {
    try (InputStream version =
        Vertx.class.getResourceAsStream("/META-INF/vertx/vertx-version.txt")) {
      if (version != null) {
        refusal(new String(version.readAllBytes(), StandardCharsets.UTF_8).strip())
            .ifPresent(
                reason -> {
                  throw new IllegalStateException(reason);
                });
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Why the hub does not work with it; a version that says nothing may be one that does. */
  static Optional<String> refusal(String version) {
    Matcher parts = VERSION.matcher(version);
    if (!parts.matches()) {
      return Optional.empty();
    }
    int major = Integer.parseInt(parts.group(1));
    int minor = Integer.parseInt(parts.group(2));
    return major > MAJOR || major == MAJOR && minor >= MINOR
        ? Optional.empty()
        : Optional.of(
            "the hub needs Vert.x %d.%d or later, and on the class path is %s"
                .formatted(MAJOR, MINOR, version));
  }
}
