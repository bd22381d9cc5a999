package io.tidings.auth;

import java.security.Key;
import java.security.interfaces.RSAPublicKey;
import java.util.Optional;

/**
 * A key by which signatures are verified.
 *
 * @param id its {@code kid}
 * @param only the algorithm that it is for, where its issuer says so
 */
record VerificationKey(Optional<String> id, Optional<Algorithm> only, Key key) {
  private static final int MIN_RSA_BITS = 2048;
  private static final int MAX_RSA_BITS = 8192;

  /**
   * @throws IllegalArgumentException with a rule, if the key is weak or of an unknown kind
   */
  VerificationKey {
    if (!Algorithm.anyFits(key) || only.isPresent() && !only.get().fits(key)) {
      throw new IllegalArgumentException("must be RSA, EC P-256, P-384, P-521, Ed25519 or Ed448");
    }
    if (key instanceof RSAPublicKey rsa) {
      int bits = rsa.getModulus().bitLength();
      if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
        throw new IllegalArgumentException(
            "must have from " + MIN_RSA_BITS + " to " + MAX_RSA_BITS + " bits");
      }
    }
  }

  static VerificationKey of(Key key) {
    return new VerificationKey(Optional.empty(), Optional.empty(), key);
  }

  /**
   * Whether a token may be signed by it: it has the id that the token names, or one of them has no
   * id.
   */
  boolean mayHaveSigned(Algorithm algorithm, Optional<String> named) {
    return algorithm.fits(key)
        && only.map(algorithm::equals).orElse(true)
        && (id.isEmpty() || named.isEmpty() || id.equals(named));
  }

  /** Without the key, which may be a secret. */
  @Override
  public String toString() {
    return "VerificationKey[" + id.orElse("") + "]";
  }
}
