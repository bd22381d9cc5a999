package io.tidings.auth;

import io.tidings.auth.InvalidToken.Reason;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Verifies tokens. Any thread. What is wrong with a token by its form, its issuer, its purpose or
 * its time is found at once; only then is a signature verified, on a worker.
 */
final class TokenVerifier {
  /** How many tokens may wait for a worker. */
  static final int MAX_WAITING = 2_000;

  private final Map<String, TokenIssuer> issuers;
  private final Grants anonymous;
  private final GrantTemplates templates;
  private final Duration leeway;
  private final WorkerExecutor workers;
  private final InstantSource clock;
  private final AtomicInteger waiting = new AtomicInteger();

  /**
   * @param rules what tokens get beside their own claims
   * @param leeway by how much an issuer's clock may be ahead
   */
  TokenVerifier(
      Map<String, TokenIssuer> issuers,
      Rules rules,
      Duration leeway,
      WorkerExecutor workers,
      InstantSource clock) {
    this.issuers = Map.copyOf(issuers);
    this.anonymous = rules.anonymous();
    this.templates = rules.templates();
    this.leeway = leeway;
    this.workers = workers;
    this.clock = clock;
  }

  /** What the settings grant: to everybody, and to those with a token. */
  record Rules(Grants anonymous, GrantTemplates templates) {}

  /**
   * @return completes on any thread; fails with {@link InvalidToken}
   */
  Future<Principal> verify(String compact) {
    try {
      SignedToken token = SignedToken.parse(compact);
      String name = ClaimChecks.issuer(token.claims());
      TokenIssuer issuer =
          Optional.ofNullable(issuers.get(name))
              .orElseThrow(
                  () -> new InvalidToken(Reason.ISSUER, "the token's issuer is not known here"));
      issuer.check(token.algorithm());
      ClaimChecks.purpose(issuer.settings(), token);
      Instant expires = ClaimChecks.expires(token.claims(), clock.instant(), leeway);
      return keys(issuer, token).compose(keys -> onWorker(token, keys, issuer, expires));
    } catch (InvalidToken e) {
      return Future.failedFuture(e);
    }
  }

  /** The keys that may have signed it; loads the issuer's keys if none is known. */
  private static Future<List<VerificationKey>> keys(TokenIssuer issuer, SignedToken token) {
    Optional<List<VerificationKey>> known = issuer.candidates(token);
    return known.isPresent()
        ? Future.succeededFuture(known.get())
        : issuer
            .keys()
            .loadForUnknownKey()
            .map(loaded -> issuer.candidates(token).orElseThrow(() -> unknownKey(issuer)));
  }

  private static InvalidToken unknownKey(TokenIssuer issuer) {
    return issuer.keys().failing()
        ? new InvalidToken(Reason.OUTAGE, "the keys of the issuer can't be loaded at the moment")
        : new InvalidToken(Reason.KEYS, "the issuer has no such key at the moment");
  }

  private Future<Principal> onWorker(
      SignedToken token, List<VerificationKey> keys, TokenIssuer issuer, Instant expires) {
    if (waiting.incrementAndGet() > MAX_WAITING) {
      waiting.decrementAndGet();
      return Future.failedFuture(
          new InvalidToken(Reason.BUSY, "too many tokens wait to be verified; try again"));
    }
    return workers
        .executeBlocking(() -> verified(token, keys, issuer, expires), false)
        .onComplete(end -> waiting.decrementAndGet());
  }

  private Principal verified(
      SignedToken token, List<VerificationKey> keys, TokenIssuer issuer, Instant expires) {
    if (keys.stream().noneMatch(key -> SignatureCheck.verifies(token, key.key()))) {
      throw new InvalidToken(Reason.SIGNATURE, "the token is not signed by its issuer");
    }
    var claims = token.claims();
    Grants grants = GrantsClaim.of(claims).and(templates.of(claims)).and(anonymous);
    return new Principal(
        issuer.settings().issuer(),
        ClaimChecks.subject(claims),
        grants,
        Optional.of(expires),
        ClaimChecks.text(claims, "jti"),
        ClaimChecks.issued(claims),
        ClaimChecks.payload(claims));
  }
}
