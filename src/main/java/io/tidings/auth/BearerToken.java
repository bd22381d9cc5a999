package io.tidings.auth;

import java.util.Optional;

/** The token in a header {@code Authorization} (RFC 6750, 2.1). */
public final class BearerToken {
  private static final String SCHEME = "Bearer";

  private BearerToken() {}

  /**
   * The token, which is not verified; empty unless the value is Bearer, spaces and one token. Read
   * by hand: a regular expression takes as long as publishing a small event.
   */
  public static Optional<String> in(String header) {
    int start = SCHEME.length();
    while (start < header.length() && header.charAt(start) == ' ') {
      start++;
    }
    boolean separated = start > SCHEME.length();
    return isScheme(header) && separated && isToken(header, start)
        ? Optional.of(header.substring(start))
        : Optional.empty();
  }

  /** Whether a header begins as one with a token does, so that no other scheme is meant. */
  public static boolean isScheme(String header) {
    return header.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
  }

  private static boolean isToken(String header, int start) {
    int end = header.length();
    while (end > start && header.charAt(end - 1) == '=') {
      end--;
    }
    if (end == start) {
      return false;
    }
    for (int i = start; i < end; i++) {
      if (!isTokenCharacter(header.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isTokenCharacter(char c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || "-._~+/".indexOf(c) >= 0;
  }
}
