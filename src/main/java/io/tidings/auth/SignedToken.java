package io.tidings.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidings.auth.InvalidToken.Reason;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A token that looks like a signed JWT. Nothing of it is to be believed before its signature was
 * verified.
 *
 * @param compact the token as it was sent
 * @param type {@code typ} in lower case, without the prefix {@code application/}
 * @param keyId {@code kid}
 */
record SignedToken(
    String compact,
    Algorithm algorithm,
    Optional<String> type,
    Optional<String> keyId,
    ObjectNode claims) {
  /** A longer token is refused before anything is computed from it. */
  static final int MAX_LENGTH = 8 * 1024;

  private static final Pattern THREE_PARTS =
      Pattern.compile("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+");
  private static final String TYPE_PREFIX = "application/";

  /**
   * @throws InvalidToken if it is no such token
   */
  static SignedToken parse(String token) {
    if (token.length() > MAX_LENGTH) {
      throw malformed("must have at most " + MAX_LENGTH + " characters");
    }
    if (!THREE_PARTS.matcher(token).matches()) {
      throw malformed("must have three parts in base64url: header, claims and signature");
    }
    String[] parts = token.split("\\.");
    ObjectNode header = json("header", parts[0]);
    decode("signature", parts[2]);
    return new SignedToken(
        token,
        algorithm(header),
        text(header, "typ").map(SignedToken::shortType),
        text(header, "kid"),
        json("claims", parts[1]));
  }

  /** The algorithm, of a header that changes nothing else about how the token is verified. */
  private static Algorithm algorithm(ObjectNode header) {
    if (header.has("crit") || header.has("b64")) {
      throw malformed("must not have the headers crit or b64");
    }
    return text(header, "alg")
        .flatMap(Algorithm::of)
        .orElseThrow(
            () ->
                new InvalidToken(
                    Reason.ALGORITHM,
                    "the token's algorithm is none, or one that is not accepted"));
  }

  private static Optional<String> text(ObjectNode header, String name) {
    JsonNode value = header.path(name);
    if (value.isMissingNode()) {
      return Optional.empty();
    }
    if (!value.isTextual()) {
      throw malformed("must have a string as the header " + name);
    }
    return Optional.of(value.textValue());
  }

  private static String shortType(String type) {
    String lower = type.toLowerCase(Locale.ROOT);
    return lower.startsWith(TYPE_PREFIX) ? lower.substring(TYPE_PREFIX.length()) : lower;
  }

  private static ObjectNode json(String what, String part) {
    try {
      return StrictJson.object(decode(what, part));
    } catch (IllegalArgumentException e) {
      throw malformed("must have a JSON object without repeated members as its " + what);
    }
  }

  /** Refuses a part that is another spelling of the same bytes. */
  private static byte[] decode(String what, String part) {
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(part);
      if (Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(part)) {
        return bytes;
      }
    } catch (IllegalArgumentException e) {
      throw malformed("must have base64url as its " + what);
    }
    throw malformed("must have base64url as its " + what);
  }

  private static InvalidToken malformed(String rule) {
    return new InvalidToken(Reason.MALFORMED, "the token " + rule);
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "SignedToken[" + algorithm.joseName() + "]";
  }
}
