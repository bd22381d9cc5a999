package io.tidings.auth;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A key that signs tickets, by HMAC-SHA-256 of the JDK.
 *
 * @param id by which tickets name it
 */
record TicketKey(String id, Key key) {
  static final int BYTES = 32;

  private static final String ALGORITHM = "HmacSHA256";
  private static final String LABEL = "tidings ticket key 1";

  static TicketKey of(String id, byte[] key) {
    return new TicketKey(id, new SecretKeySpec(key, ALGORITHM));
  }

  /**
   * A key that is derived from a secret, which itself signs nothing but tokens: HMAC of a label, as
   * in HKDF-Expand (RFC 5869) for one block.
   */
  static TicketKey derived(String id, Key secret) {
    return of(id, hmac(secret, LABEL + '\u0001'));
  }

  /** The signature of a text, in base64url. */
  String sign(String text) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(hmac(key, text));
  }

  private static byte[] hmac(Key key, String text) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      return mac.doFinal(text.getBytes(StandardCharsets.US_ASCII));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has HMAC-SHA-256", e);
    }
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "TicketKey[" + id + "]";
  }
}
