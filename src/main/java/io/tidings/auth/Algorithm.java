package io.tidings.auth;

import java.security.Key;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Optional;
import java.util.function.Predicate;
import javax.crypto.SecretKey;
import org.jose4j.keys.EllipticCurves;

/** The signature algorithms that are accepted, each with the only kind of key that it fits. */
enum Algorithm {
  EDDSA("EdDSA", key -> key instanceof EdECPublicKey),
  ES256("ES256", key -> onCurve(key, EllipticCurves.P_256)),
  ES384("ES384", key -> onCurve(key, EllipticCurves.P_384)),
  ES512("ES512", key -> onCurve(key, EllipticCurves.P_521)),
  RS256("RS256", key -> key instanceof RSAPublicKey),
  RS384("RS384", key -> key instanceof RSAPublicKey),
  RS512("RS512", key -> key instanceof RSAPublicKey),
  PS256("PS256", key -> key instanceof RSAPublicKey),
  PS384("PS384", key -> key instanceof RSAPublicKey),
  PS512("PS512", key -> key instanceof RSAPublicKey),
  HS256("HS256", key -> key instanceof SecretKey);

  private final String joseName;
  private final Predicate<Key> fits;

  Algorithm(String joseName, Predicate<Key> fits) {
    this.joseName = joseName;
    this.fits = fits;
  }

  /** The value of {@code alg}. */
  String joseName() {
    return joseName;
  }

  /** Whether it may be used with the key: a public key never is the secret of an HMAC. */
  boolean fits(Key key) {
    return fits.test(key);
  }

  /**
   * @param joseName compared as it is, with its case
   */
  static Optional<Algorithm> of(String joseName) {
    for (Algorithm algorithm : values()) {
      if (algorithm.joseName.equals(joseName)) {
        return Optional.of(algorithm);
      }
    }
    return Optional.empty();
  }

  /** Whether a key is of a kind that any algorithm fits. */
  static boolean anyFits(Key key) {
    for (Algorithm algorithm : values()) {
      if (algorithm.fits(key)) {
        return true;
      }
    }
    return false;
  }

  private static boolean onCurve(Key key, String curve) {
    return key instanceof ECPublicKey ec
        && curve.equals(EllipticCurves.getName(ec.getParams().getCurve()));
  }
}
