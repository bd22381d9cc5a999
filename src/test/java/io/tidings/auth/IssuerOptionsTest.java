package io.tidings.auth;

import static io.tidings.auth.TestTokens.await;
import static io.tidings.auth.TestTokens.base64;
import static io.tidings.auth.TestTokens.header;
import static io.tidings.auth.TestTokens.sign;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.auth.InvalidToken.Reason;
import io.tidings.settings.AuthMode;
import io.tidings.settings.InvalidSetting;
import io.tidings.settings.Settings;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IssuerOptionsTest {
  @TempDir Path dir;
  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
  }

  private Authenticator create(String keys, JsonObject options) throws Exception {
    Files.writeString(dir.resolve("keys"), keys);
    JsonObject issuer =
        options.copy().put("issuer", "a").put("keys", dir.resolve("keys").toString());
    return create(Map.of("auth.issuers", new JsonArray().add(issuer)));
  }

  private Authenticator create(Map<String, Object> settings) throws Exception {
    return await(Authenticator.create(vertx, Settings.of(settings).auth(), dir));
  }

  private static JsonObject claims() {
    return TestTokens.claims("a", Instant.now());
  }

  private static void refused(Reason reason, Authenticator authenticator, String token) {
    var e = assertThrows(InvalidToken.class, () -> await(authenticator.authenticate(token)));
    assertEquals(reason, e.reason());
  }

  @Test
  void theAlgorithmsOfAnIssuerMayBeNarrowed() throws Exception {
    var options = new JsonObject().put("algorithms", new JsonArray().add("PS256"));
    Authenticator narrow = create(TestTokens.pem(TestTokens.RSA.getPublic()), options);
    await(narrow.authenticate(sign(TestTokens.RSA.getPrivate(), "PS256", claims())));
    refused(Reason.ALGORITHM, narrow, sign(TestTokens.RSA.getPrivate(), "RS256", claims()));
  }

  @Test
  void anIssuerWithKeysNeverHasTheAlgorithmOfASecret() throws Exception {
    var options = new JsonObject().put("algorithms", new JsonArray().add("HS256").add("ES256"));
    Authenticator both = create(TestTokens.pem(TestTokens.P256.getPublic()), options);
    byte[] pem = TestTokens.pem(TestTokens.P256.getPublic()).getBytes();
    refused(
        Reason.ALGORITHM, both, TestTokens.hmac(pem, header("HS256").encode(), claims().encode()));
  }

  @Test
  void aTokenThatNamesNoKeyIsNotTriedWithManyKeys() throws Exception {
    JsonObject[] keys =
        IntStream.range(0, 9)
            .mapToObj(i -> TestTokens.jwk(TestTokens.P256.getPublic(), "k" + i))
            .toArray(JsonObject[]::new);
    Authenticator many = create(TestTokens.jwks(keys), new JsonObject());
    refused(Reason.KEYS, many, sign(TestTokens.P256.getPrivate(), "ES256", claims()));
    await(
        many.authenticate(
            sign(
                TestTokens.P256.getPrivate(),
                header("ES256").put("kid", "k8"),
                claims().encode())));
  }

  @Test
  void aSignatureOfZerosIsNone() throws Exception {
    Authenticator ec = create(TestTokens.pem(TestTokens.P256.getPublic()), new JsonObject());
    String content = base64(header("ES256").encode()) + "." + base64(claims().encode()) + ".";
    for (int length : List.of(1, 63, 64, 65, 128)) {
      refused(Reason.SIGNATURE, ec, content + base64(new byte[length]));
    }
  }

  @Test
  void aCertificateAuthorityThatIsMissingEndsTheStart() {
    var issuer =
        new JsonObject()
            .put("issuer", "a")
            .put("keys", "https://127.0.0.1:1/")
            .put("ca", dir.resolve("absent.pem").toString());
    var e =
        assertThrows(
            InvalidSetting.class,
            () -> create(Map.of("auth.issuers", new JsonArray().add(issuer))));
    assertTrue(e.getMessage().startsWith("auth.issuers, a: ca="), e.getMessage());
  }

  @Test
  void anIssuerThatCanNotBeReachedDoesNotHinderTheStartAndOpensNothing() throws Exception {
    var issuer = new JsonObject().put("issuer", "a").put("keys", "http://127.0.0.1:1/jwks.json");
    Authenticator away = create(Map.of("auth.issuers", new JsonArray().add(issuer)));
    assertTrue(away.hasKeys());
    assertEquals(AuthMode.AUTO, away.mode());
    refused(Reason.OUTAGE, away, sign(TestTokens.P256.getPrivate(), "ES256", claims()));
    assertEquals(Grants.NONE, away.anonymous().grants());
  }

  @Test
  void whateverAnIssuerSignsIsAPrincipalOrAnInvalidToken() throws Exception {
    long seed = new Random().nextLong();
    System.out.println("seed " + seed);
    var random = new Random(seed);
    Authenticator ec = create(TestTokens.pem(TestTokens.RSA.getPublic()), new JsonObject());
    var names =
        List.of("iss", "sub", "exp", "nbf", "iat", "aud", "jti", "tidings", "subscribe", "admin");
    int accepted = 0;
    for (int i = 0; i < 300; i++) {
      JsonObject claims = claims();
      for (int change = random.nextInt(3); change > 0; change--) {
        claims.put(names.get(random.nextInt(names.size())), value(random, 3));
      }
      try {
        await(ec.authenticate(sign(TestTokens.RSA.getPrivate(), "RS256", claims)));
        accepted++;
      } catch (InvalidToken e) {
        assertTrue(e.getMessage().startsWith("the "), () -> "seed " + seed + ": " + e);
      }
    }
    assertTrue(accepted > 0, "seed " + seed);
  }

  private static Object value(Random random, int depth) {
    return switch (random.nextInt(depth > 0 ? 9 : 7)) {
      case 0 -> null;
      case 1 -> random.nextBoolean();
      case 2 -> random.nextLong();
      case 3 -> random.nextDouble() * Double.MAX_VALUE;
      case 4 -> random.nextGaussian();
      case 5 -> "";
      case 6 -> List.of("a.**", "**", "*", "a..b", "\u0000", "hub.**").get(random.nextInt(6));
      case 7 -> new JsonArray().add(value(random, depth - 1)).add(value(random, depth - 1));
      default ->
          new JsonObject()
              .put("subscribe", value(random, depth - 1))
              .put(random.nextBoolean() ? "publish" : "x", value(random, depth - 1));
    };
  }
}
