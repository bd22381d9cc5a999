package io.tidings.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class KeyParserTest {
  private static KeySet parse(String text) throws UnusableKeys {
    return KeyParser.parse(text.getBytes(StandardCharsets.UTF_8));
  }

  private static void refused(String text, String rule) {
    var e = assertThrows(UnusableKeys.class, () -> parse(text));
    assertTrue(e.getMessage().startsWith(rule), e.getMessage());
  }

  static Stream<PublicKey> keys() {
    return Stream.of(
            TestTokens.RSA, TestTokens.P256, TestTokens.P384, TestTokens.P521, TestTokens.ED25519)
        .map(pair -> pair.getPublic());
  }

  @ParameterizedTest
  @MethodSource("keys")
  void eachKindOfKeyIsReadFromPemAndFromAJwks(PublicKey key) throws Exception {
    assertEquals(List.of(VerificationKey.of(key)), parse(TestTokens.pem(key)).keys());
    assertEquals(
        List.of(new VerificationKey(Optional.of("a"), Optional.empty(), key)),
        parse(TestTokens.jwks(TestTokens.jwk(key, "a"))).keys());
  }

  // ---- PEM

  @Test
  void aPemFileHasSeveralKeysWithTextBetween() throws Exception {
    String text =
        "# old\n"
            + TestTokens.pem(TestTokens.RSA.getPublic())
            + "\r\n# new\n"
            + TestTokens.pem(TestTokens.ED25519.getPublic()).replace("\n", "\r\n");
    assertEquals(2, parse(text).keys().size());
  }

  @Test
  void aCertificateIsItsPublicKey(@TempDir Path dir) throws Exception {
    assertEquals(1, parse(new TestCertificate(dir).pem()).keys().size());
  }

  @Test
  void aPrivateKeyIsRefusedByItsName() {
    refused(
        TestTokens.pem("PRIVATE KEY", TestTokens.P256.getPrivate().getEncoded()),
        "must have blocks PUBLIC KEY or CERTIFICATE only, not PRIVATE KEY");
    refused(
        TestTokens.pem(TestTokens.P256.getPublic())
            + TestTokens.pem("RSA PUBLIC KEY", new byte[] {1}),
        "must have blocks PUBLIC KEY or CERTIFICATE only, not RSA PUBLIC KEY");
  }

  @Test
  void weakUnknownAndBrokenKeysAreRefused() {
    refused(
        TestTokens.pem(TestTokens.pair("RSA", 1024).getPublic()),
        "each key must have from 2048 to 8192 bits");
    refused(TestTokens.pem(TestTokens.pair("DSA", 2048).getPublic()), "each key must be RSA, EC");
    refused(TestTokens.pem(TestTokens.pair("X25519", 0).getPublic()), "each key must be RSA, EC");
    refused(TestTokens.pem("PUBLIC KEY", new byte[] {1, 2, 3}), "each key must be RSA, EC");
    refused(TestTokens.pem("CERTIFICATE", new byte[] {1, 2, 3}), "must have only blocks that can");
    refused("-----BEGIN PUBLIC KEY-----\n%\n-----END PUBLIC KEY-----", "each key");
    refused("-----BEGIN PUBLIC KEY-----\nAAAA\n", "must be a PEM file");
    refused("", "must be a PEM file");
    refused(TestTokens.pem(TestTokens.P256.getPublic()).repeat(101), "must have at most 100 keys");
  }

  // ---- JWKS

  @Test
  void keysOfAJwksThatDoNotVerifySignaturesHereAreLeftOut() throws Exception {
    JsonObject key = TestTokens.jwk(TestTokens.P256.getPublic(), "a");
    JsonObject[] others = {
      key.copy().put("use", "enc"),
      key.copy().put("use", 7),
      key.copy().put("key_ops", new JsonArray().add("encrypt")),
      key.copy().put("key_ops", new JsonArray()),
      key.copy().put("alg", "ES384"),
      key.copy().put("alg", "ECDH-ES"),
      key.copy().put("alg", 7),
      key.copy().put("crv", "secp256k1"),
      key.copy().put("crv", "nothing"),
      key.copy().put("x", 7),
      key.copy().put("kty", "RSA"),
      TestTokens.jwk(TestTokens.pair("RSA", 1024).getPublic(), "weak"),
      new JsonObject().put("kty", "oct").put("k", TestTokens.base64("x".repeat(64))),
      new JsonObject().put("kty", "OKP").put("crv", "X25519").put("x", "A".repeat(43)),
      new JsonObject().put("kty", "OKP").put("crv", "Ed25519").put("x", "A"),
      new JsonObject().put("kty", 7),
      new JsonObject(),
    };
    for (JsonObject other : others) {
      refused(TestTokens.jwks(other), "must have a public key for signatures");
      assertEquals(1, parse(TestTokens.jwks(other, key)).keys().size());
    }
    refused("{\"keys\":[1,null,\"x\",[]]}", "must have a public key for signatures");
  }

  @Test
  void aKeyMayNameItsUseItsOperationsAndItsOnlyAlgorithm() throws Exception {
    JsonObject key =
        TestTokens.jwk(TestTokens.RSA.getPublic(), "a")
            .put("use", "sig")
            .put("alg", "PS256")
            .put("key_ops", new JsonArray().add("verify"))
            .put("x5c", new JsonArray().add("broken"));
    KeySet keys = parse(TestTokens.jwks(key));
    assertEquals(1, keys.candidates(Algorithm.PS256, Optional.of("a")).size());
    assertEquals(0, keys.candidates(Algorithm.RS256, Optional.of("a")).size());
    assertEquals(0, keys.candidates(Algorithm.PS256, Optional.of("b")).size());
    assertEquals(1, keys.candidates(Algorithm.PS256, Optional.empty()).size());
  }

  @Test
  void aJwksHasAtMostAHundredKeys() throws Exception {
    JsonObject[] keys =
        IntStream.range(0, 101)
            .mapToObj(i -> TestTokens.jwk(TestTokens.P256.getPublic(), "k" + i))
            .toArray(JsonObject[]::new);
    refused(TestTokens.jwks(keys), "must have at most 100 keys");
    assertEquals(
        100,
        parse(TestTokens.jwks(List.of(keys).subList(1, 101).toArray(JsonObject[]::new)))
            .keys()
            .size());
  }

  @Test
  void noKeyIsShownInAText() {
    assertEquals("VerificationKey[]", VerificationKey.of(TestTokens.P256.getPublic()).toString());
  }
}
