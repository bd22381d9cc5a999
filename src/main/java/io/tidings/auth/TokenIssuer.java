package io.tidings.auth;

import io.tidings.auth.InvalidToken.Reason;
import io.tidings.settings.AuthSettings;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An issuer whose tokens are accepted, with its keys. Keys are never shared between issuers.
 *
 * @param algorithms those that are accepted from it
 */
record TokenIssuer(AuthSettings.Issuer settings, Set<Algorithm> algorithms, KeySource keys) {
  /** A token that names no key is not tried with more keys than these. */
  private static final int MAX_TRIED = 8;

  static TokenIssuer of(AuthSettings.Issuer settings, KeySource keys) {
    Stream<Algorithm> allowed =
        settings.algorithms().isEmpty()
            ? Stream.of(Algorithm.values())
            : settings.algorithms().stream().flatMap(name -> Algorithm.of(name).stream());
    return new TokenIssuer(
        settings,
        allowed
            .filter(algorithm -> settings.symmetric() == (algorithm == Algorithm.HS256))
            .collect(Collectors.toUnmodifiableSet()),
        keys);
  }

  /** Refuses an algorithm that is not this issuer's. */
  void check(Algorithm algorithm) {
    if (!algorithms.contains(algorithm)) {
      throw new InvalidToken(
          Reason.ALGORITHM, "the token's algorithm is not accepted from its issuer");
    }
  }

  /**
   * The keys that may have signed the token; empty if none is known.
   *
   * @throws InvalidToken if there are too many to try
   */
  Optional<List<VerificationKey>> candidates(SignedToken token) {
    List<VerificationKey> candidates = keys.keys().candidates(token.algorithm(), token.keyId());
    if (candidates.size() > MAX_TRIED) {
      throw new InvalidToken(Reason.KEYS, "the token must name its key (kid)");
    }
    return candidates.isEmpty() ? Optional.empty() : Optional.of(candidates);
  }
}
