package io.tidings.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.lang.JoseException;

/**
 * Reads public keys: PEM, or a JWKS. Keys of a JWKS that can't verify a signature here are left
 * out: other kinds, for encryption, for other algorithms. A result is never empty.
 */
final class KeyParser {
  /** A key set with more bytes than this is refused. */
  static final int MAX_BYTES = 512 * 1024;

  private static final Pattern PEM_BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");
  private static final List<String> KINDS = List.of("RSA", "EC", "EdDSA");

  /**
   * The members of a JWK that make its public key; all others, such as certificates, are ignored.
   */
  private static final List<String> PUBLIC_MEMBERS = List.of("kty", "crv", "x", "y", "n", "e");

  private KeyParser() {}

  /** Reads the content of a file, by its first character. */
  static KeySet parse(byte[] content) throws UnusableKeys {
    String text = new String(content, StandardCharsets.UTF_8);
    return text.stripLeading().startsWith("{") ? jwks(content) : pem(text);
  }

  // ---- JWKS

  static KeySet jwks(byte[] content) throws UnusableKeys {
    JsonNode keys;
    try {
      keys = StrictJson.object(content).path("keys");
    } catch (IllegalArgumentException e) {
      throw new UnusableKeys("must be a JWKS, a JSON object without repeated members");
    }
    if (!keys.isArray()) {
      throw new UnusableKeys("must be a JWKS, with a list of keys");
    }
    if (keys.size() > KeySet.MAX_KEYS) {
      throw new UnusableKeys("must have at most " + KeySet.MAX_KEYS + " keys");
    }
    var usable = new ArrayList<VerificationKey>();
    keys.forEach(key -> jwk(key).ifPresent(usable::add));
    if (usable.isEmpty()) {
      throw new UnusableKeys(
          "must have a public key for signatures: RSA from 2048 bits, EC P-256, P-384, P-521, Ed25519 or Ed448");
    }
    return new KeySet(usable);
  }

  /** A usable key; empty for any other. A secret is never taken from a JWKS. */
  private static Optional<VerificationKey> jwk(JsonNode json) {
    if (!(json instanceof ObjectNode key) || !forSignatures(key)) {
      return Optional.empty();
    }
    Optional<Algorithm> only = text(key, "alg").flatMap(Algorithm::of);
    if (key.has("alg") && only.isEmpty()) {
      return Optional.empty();
    }
    Map<String, Object> members = new HashMap<>();
    PUBLIC_MEMBERS.forEach(name -> text(key, name).ifPresent(value -> members.put(name, value)));
    try {
      return JsonWebKey.Factory.newJwk(members) instanceof PublicJsonWebKey read
          ? Optional.of(new VerificationKey(text(key, "kid"), only, read.getPublicKey()))
          : Optional.empty();
    } catch (JoseException | RuntimeException e) { // whatever the library finds wrong with it
      return Optional.empty();
    }
  }

  private static boolean forSignatures(ObjectNode key) {
    boolean verifies = !key.has("key_ops");
    for (JsonNode operation : key.path("key_ops")) {
      verifies |= operation.asText().equals("verify");
    }
    return verifies && (!key.has("use") || key.get("use").asText().equals("sig"));
  }

  private static Optional<String> text(ObjectNode key, String name) {
    JsonNode value = key.path(name);
    return value.isTextual() ? Optional.of(value.textValue()) : Optional.empty();
  }

  // ---- PEM

  /** Every block must be a usable key: a file of one's own has no others by intention. */
  static KeySet pem(String text) throws UnusableKeys {
    var keys = new ArrayList<VerificationKey>();
    Matcher block = PEM_BLOCK.matcher(text);
    while (block.find()) {
      keys.add(pemKey(block.group(1), block.group(2)));
      if (keys.size() > KeySet.MAX_KEYS) {
        throw new UnusableKeys("must have at most " + KeySet.MAX_KEYS + " keys");
      }
    }
    if (keys.isEmpty()) {
      throw new UnusableKeys("must be a PEM file with public keys or certificates, or a JWKS");
    }
    return new KeySet(keys);
  }

  private static VerificationKey pemKey(String kind, String base64) throws UnusableKeys {
    try {
      byte[] der = Base64.getMimeDecoder().decode(base64);
      return VerificationKey.of(
          switch (kind) {
            case "PUBLIC KEY" -> publicKey(der);
            case "CERTIFICATE" ->
                CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(der))
                    .getPublicKey();
            default ->
                throw new UnusableKeys(
                    "must have blocks PUBLIC KEY or CERTIFICATE only, not " + kind);
          });
    } catch (GeneralSecurityException e) {
      throw new UnusableKeys("must have only blocks that can be read");
    } catch (IllegalArgumentException e) {
      throw new UnusableKeys("each key " + e.getMessage());
    }
  }

  private static PublicKey publicKey(byte[] der) throws GeneralSecurityException, UnusableKeys {
    for (String kind : KINDS) {
      try {
        return KeyFactory.getInstance(kind).generatePublic(new X509EncodedKeySpec(der));
      } catch (InvalidKeySpecException e) {
        // of another kind
      }
    }
    throw new UnusableKeys("each key must be RSA, EC P-256, P-384, P-521, Ed25519 or Ed448");
  }
}
