package io.tidings.auth;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;

/**
 * Who makes a request.
 *
 * @param issuer of the token; empty without one
 * @param subject whom the issuer means; unique only together with the issuer; empty without a token
 * @param expires when the token ends; empty for a principal without token
 * @param tokenId the token's {@code jti}
 * @param issued when the token was issued, if it says so ({@code iat})
 * @param payload what the token says about its owner to others who may see that he is present
 *     ({@code payload}): JSON of at most {@link #MAX_PAYLOAD} bytes
 */
public record Principal(
    String issuer,
    String subject,
    Grants grants,
    Optional<Instant> expires,
    Optional<String> tokenId,
    Optional<Instant> issued,
    Optional<String> payload) {
  /** The largest payload, in bytes of UTF-8; a larger one is left out. */
  static final int MAX_PAYLOAD = 1_024;

  /** The issuer of principals that have no token of an issuer, but are those of an application. */
  private static final String APPLICATION = "application";

  /** The hub itself, and requests to a hub that is open: may do everything. */
  public static final Principal HUB = withoutToken(Grants.ALL);

  /** Whoever has not been identified, with no right. */
  public static final Principal UNKNOWN = withoutToken(Grants.NONE);

  /** The bytes of a scope: for two principals with the same one, 2^72 have to be tried. */
  private static final int SCOPE_BYTES = 18;

  /** A principal whose token does not say when it was issued. */
  public Principal(
      String issuer,
      String subject,
      Grants grants,
      Optional<Instant> expires,
      Optional<String> tokenId) {
    this(issuer, subject, grants, expires, tokenId, Optional.empty());
  }

  /** A principal whose token has no payload. */
  public Principal(
      String issuer,
      String subject,
      Grants grants,
      Optional<Instant> expires,
      Optional<String> tokenId,
      Optional<Instant> issued) {
    this(issuer, subject, grants, expires, tokenId, issued, Optional.empty());
  }

  /** A principal without token. */
  public static Principal withoutToken(Grants grants) {
    return new Principal("", "", grants, Optional.empty(), Optional.empty());
  }

  /**
   * A principal that an application has authenticated by its own means.
   *
   * @param subject unique among the principals of the application, not empty
   */
  public static Principal of(String subject, Grants grants) {
    Objects.requireNonNull(grants, "grants");
    if (subject.isEmpty()) {
      throw new IllegalArgumentException("subject: must not be empty");
    }
    return new Principal(APPLICATION, subject, grants, Optional.empty(), Optional.empty());
  }

  /** The same principal until that time, when its streams end. */
  public Principal until(Instant end) {
    return new Principal(issuer, subject, grants, Optional.of(end), tokenId, issued, payload);
  }

  /** Whether it has shown a token. */
  public boolean identified() {
    return !subject.isEmpty();
  }

  /**
   * Identifies the principal where deduplication compares keys and ids ({@link
   * io.tidings.event.Publication#scope}); empty without a token. It is stored with events, so it is
   * a digest of issuer and subject: part of SHA-256, in base64url.
   */
  public String scope() {
    if (issuer.isEmpty() && subject.isEmpty()) {
      return "";
    }
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      update(sha, issuer);
      update(sha, subject);
      byte[] part = Arrays.copyOf(sha.digest(), SCOPE_BYTES);
      return Base64.getUrlEncoder().withoutPadding().encodeToString(part);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java platform has it
    }
  }

  /** The length comes first, so that no two pairs of texts have the same bytes. */
  private static void update(MessageDigest sha, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    sha.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes.length));
    sha.update(bytes);
  }
}
