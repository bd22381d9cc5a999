package io.tidings.auth;

import java.security.Key;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;

/** Verifies signatures by jose4j, with the JDK's cryptography. On a worker: it takes up to 1 ms. */
final class SignatureCheck {
  private SignatureCheck() {}

  /** Whether the token was signed by the key, with the algorithm that it names. */
  static boolean verifies(SignedToken token, Key key) {
    if (!token.algorithm().fits(key)) {
      return false;
    }
    var signature = new JsonWebSignature();
    signature.setAlgorithmConstraints(
        new AlgorithmConstraints(ConstraintType.PERMIT, token.algorithm().joseName()));
    signature.setKey(key);
    try {
      signature.setCompactSerialization(token.compact());
      return signature.verifySignature();
    } catch (JoseException e) { // the library's way to say that a signature can't be one
      return false;
    }
  }
}
