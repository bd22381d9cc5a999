package io.tidings.auth;

import java.time.Instant;
import java.util.Optional;

/**
 * Who makes a request.
 *
 * @param issuer of the token; empty without one
 * @param subject whom the issuer means; unique only together with the issuer; empty without a token
 * @param expires when the token ends; empty for a principal without token
 * @param tokenId the token's {@code jti}
 */
public record Principal(
    String issuer,
    String subject,
    Grants grants,
    Optional<Instant> expires,
    Optional<String> tokenId) {
  /** The hub itself, and requests to a hub that is open: may do everything. */
  public static final Principal HUB = withoutToken(Grants.ALL);

  /** Whoever has not been identified, with no right. */
  public static final Principal UNKNOWN = withoutToken(Grants.NONE);

  /** A principal without token. */
  public static Principal withoutToken(Grants grants) {
    return new Principal("", "", grants, Optional.empty(), Optional.empty());
  }

  /** Whether it has shown a token. */
  public boolean identified() {
    return !subject.isEmpty();
  }
}
