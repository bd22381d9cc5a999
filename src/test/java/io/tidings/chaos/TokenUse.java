package io.tidings.chaos;

/**
 * A request with a token.
 *
 * @param door what was asked for
 * @param sent before the request, by {@link System#nanoTime}
 */
record TokenUse(Token token, String door, int node, long sent, long answered, Outcome outcome) {
  /** What the node made of the token. */
  enum Outcome {
    /** It was served, or told what only the holder of a valid token is told. */
    ACCEPTED,
    /** It was told that the token was revoked. */
    REVOKED,
    /** It was refused for another reason, or there was no answer. */
    OTHER
  }

  /**
   * @param challenge the header WWW-Authenticate
   */
  static Outcome outcomeOf(int status, String challenge) {
    return switch (status) {
      case 200, 201, 403, 404 -> Outcome.ACCEPTED;
      case 401 -> challenge.contains("\"revoked\"") ? Outcome.REVOKED : Outcome.OTHER;
      default -> Outcome.OTHER;
    };
  }
}
