package io.tidings.auth;

import static io.tidings.auth.TestTokens.await;
import static io.tidings.auth.TestTokens.base64;
import static io.tidings.auth.TestTokens.claims;
import static io.tidings.auth.TestTokens.header;
import static io.tidings.auth.TestTokens.sign;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.CapturedLog;
import io.tidings.Wait;
import io.tidings.auth.InvalidToken.Reason;
import io.tidings.event.Filter;
import io.tidings.log.ManualClock;
import io.tidings.settings.InvalidSetting;
import io.tidings.settings.Settings;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.Key;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.stream.Stream;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthenticatorTest {
  /** Keys of RSA and EC without ids, in PEM. */
  private static final String PEM_ISSUER = "https://pem.example/";

  /** Keys of EC and Ed25519 with ids, in a JWKS; with an audience, and access tokens only. */
  private static final String JWKS_ISSUER = "https://jwks.example/";

  /** A secret. */
  private static final String SECRET_ISSUER = "shared";

  private static final String SECRET = "0123456789abcdef0123456789abcdef";

  @TempDir Path dir;
  private final Vertx vertx = Vertx.vertx();
  private final ManualClock clock = new ManualClock();
  private final AtomicLong nanos = new AtomicLong();
  private Authenticator authenticator;

  @BeforeEach
  void open() throws Exception {
    Files.writeString(
        dir.resolve("keys.pem"),
        TestTokens.pem(TestTokens.RSA.getPublic())
            + TestTokens.pem(TestTokens.P384.getPublic())
            + TestTokens.pem(TestTokens.P521.getPublic()));
    Files.writeString(
        dir.resolve("keys.json"),
        TestTokens.jwks(
            TestTokens.jwk(TestTokens.P256.getPublic(), "ec"),
            TestTokens.jwk(TestTokens.ED25519.getPublic(), "ed")));
    secret("shared.txt", SECRET);
    authenticator = create(Map.of("auth.issuers", issuers()));
  }

  private JsonArray issuers() {
    return new JsonArray()
        .add(new JsonObject().put("issuer", PEM_ISSUER).put("keys", file("keys.pem")))
        .add(
            new JsonObject()
                .put("issuer", JWKS_ISSUER)
                .put("keys", file("keys.json"))
                .put("audience", "hub")
                .put("types", new JsonArray().add("at+jwt")))
        .add(new JsonObject().put("issuer", SECRET_ISSUER).put("secret", file("shared.txt")));
  }

  private Authenticator create(Map<String, Object> settings) throws Exception {
    return await(Authenticator.create(vertx, Settings.of(settings).auth(), dir, clock, nanos::get));
  }

  private String file(String name) {
    return dir.resolve(name).toString();
  }

  private void secret(String name, String text) throws Exception {
    Files.writeString(dir.resolve(name), text + "\n");
    Files.setPosixFilePermissions(dir.resolve(name), PosixFilePermissions.fromString("rw-------"));
  }

  @AfterEach
  void close() throws Exception {
    await(authenticator.close());
    await(vertx.close());
  }

  private JsonObject pemClaims() {
    return claims(PEM_ISSUER, clock.instant());
  }

  private String rsa(JsonObject claims) {
    return sign(TestTokens.RSA.getPrivate(), "RS256", claims);
  }

  private Principal accepted(String token) throws Exception {
    return await(authenticator.authenticate(token));
  }

  private InvalidToken refused(Reason reason, String token) {
    var e = assertThrows(InvalidToken.class, () -> accepted(token));
    assertEquals(reason, e.reason(), e.getMessage());
    assertFalse(e.getMessage().contains(token) && !token.isEmpty());
    return e;
  }

  // ---- what is accepted

  static Stream<Arguments> keysAndAlgorithms() {
    return Stream.of(
        Arguments.of(TestTokens.RSA.getPrivate(), "RS256"),
        Arguments.of(TestTokens.RSA.getPrivate(), "RS384"),
        Arguments.of(TestTokens.RSA.getPrivate(), "RS512"),
        Arguments.of(TestTokens.RSA.getPrivate(), "PS256"),
        Arguments.of(TestTokens.RSA.getPrivate(), "PS384"),
        Arguments.of(TestTokens.RSA.getPrivate(), "PS512"),
        Arguments.of(TestTokens.P384.getPrivate(), "ES384"),
        Arguments.of(TestTokens.P521.getPrivate(), "ES512"));
  }

  @ParameterizedTest
  @MethodSource("keysAndAlgorithms")
  void aTokenOfEachAlgorithmIsAccepted(Key key, String algorithm) throws Exception {
    assertEquals("alice", accepted(sign(key, algorithm, pemClaims())).subject());
  }

  @Test
  void aTokenOfAJwksNamesItsKey() throws Exception {
    JsonObject claims = claims(JWKS_ISSUER, clock.instant()).put("aud", "hub");
    JsonObject ec = header("ES256").put("typ", "at+jwt").put("kid", "ec");
    JsonObject ed = header("EdDSA").put("typ", "application/AT+JWT").put("kid", "ed");
    accepted(sign(TestTokens.P256.getPrivate(), ec, claims.encode()));
    accepted(sign(TestTokens.ED25519.getPrivate(), ed, claims.encode()));
    refused(
        Reason.KEYS,
        sign(TestTokens.P256.getPrivate(), ec.copy().put("kid", "other"), claims.encode()));
    refused(
        Reason.KEYS,
        sign(TestTokens.P256.getPrivate(), ec.copy().put("kid", "ed"), claims.encode()));
  }

  @Test
  void aPrincipalHasIssuerSubjectGrantsEndAndId() throws Exception {
    Principal principal = accepted(rsa(pemClaims().put("jti", "j1")));
    assertEquals(PEM_ISSUER, principal.issuer());
    assertEquals("alice", principal.subject());
    assertEquals(
        new Grants(Optional.of(Filter.of("orders.**")), Optional.of(Filter.of("news")), false),
        principal.grants());
    assertEquals(Optional.of(clock.instant().plusSeconds(300)), principal.expires());
    assertEquals(Optional.of("j1"), principal.tokenId());
    assertTrue(principal.identified());
  }

  // ---- what is revoked

  private void revoke(String json) {
    authenticator.revoke(
        Revocation.parse(
            json.getBytes(StandardCharsets.UTF_8), clock.instant(), Duration.ofHours(1)));
  }

  @Test
  void aRevokedTokenIsRefusedWhetherItIsKnownOrNot() throws Exception {
    String known = rsa(pemClaims().put("jti", "1"));
    String later =
        rsa(pemClaims().put("jti", "1").put("exp", clock.instant().getEpochSecond() + 9));
    String other = rsa(pemClaims().put("jti", "2"));
    Principal principal = accepted(known);
    accepted(other);
    assertFalse(authenticator.revoked(principal));
    revoke("{\"issuer\":\"" + PEM_ISSUER + "\",\"jti\":\"1\"}");
    refused(Reason.REVOKED, known);
    refused(Reason.REVOKED, later);
    accepted(other);
    assertTrue(authenticator.revoked(principal));
    assertFalse(authenticator.revoked(Principal.HUB));
    assertFalse(authenticator.revoked(authenticator.anonymous()));
  }

  @Test
  void aTokenThatIsRevokedWhileItIsVerifiedIsNotCached() throws Exception {
    String token = rsa(pemClaims());
    Future<Principal> verifying = authenticator.authenticate(token);
    revoke("{\"issuer\":\"" + PEM_ISSUER + "\",\"subject\":\"alice\"}");
    await(verifying.otherwiseEmpty());
    refused(Reason.REVOKED, token);
  }

  @Test
  void aRevocationByTimeConcernsTokensThatWereIssuedBefore() throws Exception {
    long now = clock.instant().getEpochSecond();
    revoke(
        "{\"issuer\":\"%s\",\"before\":\"%s\"}"
            .formatted(PEM_ISSUER, clock.instant().minusSeconds(10)));
    refused(Reason.REVOKED, rsa(pemClaims().put("iat", now - 11)));
    refused(Reason.REVOKED, rsa(pemClaims())); // it may have been issued before
    accepted(rsa(pemClaims().put("iat", now - 10)));
    accepted(
        sign(
            new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"),
            "HS256",
            claims(SECRET_ISSUER, clock.instant())));
  }

  @Test
  void aRevocationEndsAtItsTime() throws Exception {
    String token = rsa(pemClaims().put("exp", clock.instant().getEpochSecond() + 10_000));
    revoke("{\"issuer\":\"" + PEM_ISSUER + "\",\"subject\":\"alice\"}");
    clock.advance(Duration.ofHours(1).minusMillis(1));
    refused(Reason.REVOKED, token);
    assertEquals(1, authenticator.revocationCount());
    clock.advance(Duration.ofMillis(1));
    accepted(token);
    assertEquals(0, authenticator.revocationCount());
    assertEquals(List.of(), authenticator.revocations(10));
  }

  @Test
  void whereRevocationsMayBeUnknownOnlyTokensAreAcceptedThatWereKnown() throws Exception {
    String known = rsa(pemClaims().put("jti", "1"));
    String unknown = rsa(pemClaims().put("jti", "2"));
    accepted(known);
    authenticator.guard(gate(true));
    nanos.addAndGet(Duration.ofMinutes(2).toNanos());
    accepted(known);
    assertFalse(refused(Reason.ISOLATED, unknown).reason().isFailedLogin());
    authenticator.guard(gate(false));
    refused(Reason.ISOLATED, known);
    authenticator.guard(TokenGate.OPEN);
    accepted(unknown);
  }

  private static TokenGate gate(boolean known) {
    return new TokenGate() {
      @Override
      public boolean admitsKnown() {
        return known;
      }

      @Override
      public boolean admitsNew() {
        return false;
      }
    };
  }

  // ---- what a principal has

  @Test
  void aTokenHasAlsoWhatEverybodyHasAndWhatTemplatesGrant() throws Exception {
    await(authenticator.close());
    authenticator =
        create(
            Map.of(
                "auth.issuers", issuers(),
                "auth.anonymous.subscribe", new JsonArray().add("public"),
                "auth.grants.subscribe", new JsonArray().add("user.{sub}.**"),
                "auth.grants.publish", new JsonArray().add("from.{sub}")));
    assertEquals(Optional.of(Filter.of("public")), authenticator.anonymous().grants().subscribe());
    assertFalse(authenticator.anonymous().identified());
    Principal principal = accepted(rsa(pemClaims()));
    assertEquals(
        Optional.of(Filter.of("orders.**", "public", "user.alice.**")),
        principal.grants().subscribe());
    assertEquals(
        Optional.of(Filter.of("orders.**", "user.alice.**")),
        principal.grants().own(),
        "what everybody has is not its own");
    assertEquals(Optional.empty(), authenticator.anonymous().grants().own());
    assertEquals(Optional.of(Filter.of("news", "from.alice")), principal.grants().publish());
  }

  @Test
  void aSecretSignsForItsIssuerOnly() throws Exception {
    byte[] secret = SECRET.getBytes(StandardCharsets.US_ASCII);
    String header = header("HS256").encode();
    JsonObject claims = claims(SECRET_ISSUER, clock.instant());
    accepted(TestTokens.hmac(secret, header, claims.encode()));
    refused(Reason.ALGORITHM, TestTokens.hmac(secret, header, pemClaims().encode()));
  }

  // ---- rights.md 2, ASVS 9.1: signatures, algorithms, keys

  @Test
  void unsignedTokensAreRefused() {
    String claims = base64(pemClaims().encode());
    for (String algorithm : List.of("none", "None", "NONE", "nOnE")) {
      String header = base64(header(algorithm).encode());
      refused(Reason.MALFORMED, header + "." + claims);
      refused(Reason.MALFORMED, header + "." + claims + ".");
      refused(Reason.ALGORITHM, header + "." + claims + "." + base64("x"));
    }
    String header = base64(header("RS256").encode());
    refused(Reason.MALFORMED, header + "." + claims);
    refused(Reason.MALFORMED, header + "." + claims + ".");
    refused(Reason.SIGNATURE, header + "." + claims + "." + base64("x"));
  }

  @Test
  void aHubWithoutKeysAcceptsNoToken() throws Exception {
    await(authenticator.close());
    authenticator = create(Map.of());
    assertFalse(authenticator.hasKeys());
    refused(Reason.ISSUER, rsa(pemClaims()));
    String own = claims("tidings", clock.instant()).encode();
    refused(Reason.KEYS, TestTokens.hmac(new byte[] {0}, header("HS256").encode(), own));
    refused(Reason.MALFORMED, base64(header("HS256").encode()) + "." + base64(own));
    refused(Reason.MALFORMED, base64(header("none").encode()) + "." + base64(own) + ".");
  }

  @Test
  void aPublicKeyIsNeverTheSecretOfAnHmac() {
    for (byte[] secret :
        List.of(
            TestTokens.pem(TestTokens.RSA.getPublic()).getBytes(StandardCharsets.US_ASCII),
            TestTokens.RSA.getPublic().getEncoded())) {
      refused(
          Reason.ALGORITHM,
          TestTokens.hmac(secret, header("HS256").encode(), pemClaims().encode()));
      String claims = claims(JWKS_ISSUER, clock.instant()).put("aud", "hub").encode();
      refused(
          Reason.ALGORITHM,
          TestTokens.hmac(secret, header("HS256").put("typ", "at+jwt").encode(), claims));
    }
  }

  @Test
  void anAlgorithmMustFitTheKindAndTheCurveOfTheKey() {
    String[] parts = sign(TestTokens.P384.getPrivate(), "ES384", pemClaims()).split("\\.");
    for (String other : List.of("ES256", "EdDSA")) {
      refused(Reason.KEYS, base64(header(other).encode()) + "." + parts[1] + "." + parts[2]);
    }
    for (String other : List.of("ES512", "RS256", "PS256")) {
      refused(Reason.SIGNATURE, base64(header(other).encode()) + "." + parts[1] + "." + parts[2]);
    }
    for (String unknown : List.of("ES256K", "HS384", "HS512", "rs256", "RSA1_5", "dir", "")) {
      refused(Reason.ALGORITHM, base64(header(unknown).encode()) + "." + parts[1] + "." + parts[2]);
    }
  }

  @Test
  void keysOfOneIssuerDoNotSignForAnother() {
    refused(
        Reason.SIGNATURE,
        sign(
            TestTokens.STRANGER.getPrivate(),
            header("ES256").put("typ", "at+jwt").put("kid", "ec"),
            claims(JWKS_ISSUER, clock.instant()).put("aud", "hub").encode()));
    refused(Reason.KEYS, sign(TestTokens.P256.getPrivate(), "ES256", pemClaims()));
    refused(
        Reason.KEYS,
        sign(
            TestTokens.RSA.getPrivate(),
            header("RS256").put("typ", "at+jwt"),
            claims(JWKS_ISSUER, clock.instant()).put("aud", "hub").encode()));
    refused(Reason.ISSUER, rsa(claims("https://other.example/", clock.instant())));
    refused(Reason.ISSUER, rsa(claims(PEM_ISSUER + "x", clock.instant())));
    JsonObject without = pemClaims();
    without.remove("iss");
    refused(Reason.ISSUER, rsa(without));
  }

  @Test
  void aKeyInTheHeaderIsIgnored() throws Exception {
    JsonObject header =
        header("ES384")
            .put("jwk", TestTokens.jwk(TestTokens.STRANGER.getPublic(), "mine"))
            .put("jku", "https://attacker.example/jwks.json")
            .put("x5u", "https://attacker.example/x5u.pem");
    refused(
        Reason.SIGNATURE,
        sign(TestTokens.ec("secp384r1").getPrivate(), header, pemClaims().encode()));
    accepted(sign(TestTokens.P384.getPrivate(), header, pemClaims().encode()));
  }

  @Test
  void headersThatChangeTheMeaningOfATokenAreRefused() {
    for (JsonObject header :
        List.of(
            header("RS256").put("crit", new JsonArray().add("exp")),
            header("RS256").put("b64", false),
            header("RS256").put("kid", 7),
            header("RS256").put("typ", 7),
            header("RS256").put("alg", 7))) {
      String[] parts = rsa(pemClaims()).split("\\.");
      refused(Reason.MALFORMED, base64(header.encode()) + "." + parts[1] + "." + parts[2]);
    }
  }

  // ---- rights.md 2, ASVS 9.2: time, type, audience

  @Test
  void aTokenMustHaveAnEndThatIsInTheFuture() throws Exception {
    JsonObject endless = pemClaims();
    endless.remove("exp");
    refused(Reason.EXPIRED, rsa(endless));
    refused(Reason.EXPIRED, rsa(pemClaims().put("exp", clock.instant().getEpochSecond())));
    accepted(rsa(pemClaims().put("exp", clock.instant().getEpochSecond() + 1)));
    refused(Reason.EXPIRED, rsa(pemClaims().put("exp", clock.instant().getEpochSecond() - 0.5)));
  }

  @Test
  void aTokenThatIsNotValidYetIsRefusedButForTheLeeway() throws Exception {
    long now = clock.instant().getEpochSecond();
    for (String claim : List.of("nbf", "iat")) {
      accepted(rsa(pemClaims().put(claim, now + 10)));
      refused(Reason.EARLY, rsa(pemClaims().put(claim, now + 11)));
    }
  }

  @Test
  void onlyTheTypesOfTheIssuerAreAccepted() throws Exception {
    String claims = claims(JWKS_ISSUER, clock.instant()).put("aud", "hub").encode();
    Key key = TestTokens.P256.getPrivate();
    JsonObject header = header("ES256").put("kid", "ec");
    accepted(sign(key, header.copy().put("typ", "at+jwt"), claims));
    refused(Reason.TYPE, sign(key, header.copy().put("typ", "JWT"), claims));
    header.remove("typ");
    refused(Reason.TYPE, sign(key, header, claims));
    // without a setting: JWT, at+jwt or none, and nothing else that an issuer may sign
    JsonObject untyped = header("RS256");
    untyped.remove("typ");
    accepted(sign(TestTokens.RSA.getPrivate(), untyped, pemClaims().encode()));
    for (String type : List.of("logout+jwt", "dpop+jwt", "secevent+jwt", "")) {
      JsonObject typed = header("RS256").put("typ", type);
      refused(Reason.TYPE, sign(TestTokens.RSA.getPrivate(), typed, pemClaims().encode()));
    }
  }

  @Test
  void aTokenIsForThisAudienceOnly() throws Exception {
    JsonObject header = header("ES256").put("kid", "ec").put("typ", "at+jwt");
    Key key = TestTokens.P256.getPrivate();
    JsonObject claims = claims(JWKS_ISSUER, clock.instant());
    refused(Reason.AUDIENCE, sign(key, header, claims.encode()));
    refused(Reason.AUDIENCE, sign(key, header, claims.copy().put("aud", "shop").encode()));
    refused(Reason.AUDIENCE, sign(key, header, claims.copy().put("aud", "HUB").encode()));
    refused(Reason.AUDIENCE, sign(key, header, claims.copy().put("aud", new JsonArray()).encode()));
    accepted(sign(key, header, claims.copy().put("aud", "hub").encode()));
    accepted(
        sign(
            key,
            header,
            claims.copy().put("aud", new JsonArray().add("shop").add("hub")).encode()));
    // an issuer without the setting: its tokens for others are not for the hub
    refused(Reason.AUDIENCE, rsa(pemClaims().put("aud", "shop")));
  }

  // ---- form

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "iss | 7",
        "iss | null",
        "iss | [\"https://pem.example/\"]",
        "sub | 7",
        "sub | null",
        "sub | \"\"",
        "sub | \"a\\u0000b\"",
        "sub | \"a\\nb\"",
        "sub | {}",
        "jti | 7",
        "exp | \"300\"",
        "exp | null",
        "exp | true",
        "exp | -1",
        "exp | 1e300",
        "exp | 1e999",
        "exp | []",
        "exp | 999999999999999999999999",
        "nbf | \"0\"",
        "nbf | {}",
        "iat | \"0\"",
        "iat | null",
      })
  void aClaimOfAnotherKindIsRefusedAndNotAnError(String claim, String value) {
    String claims =
        "{\"iss\":\"%s\",\"sub\":\"alice\",\"exp\":%d}"
            .formatted(PEM_ISSUER, clock.instant().getEpochSecond() + 300);
    String changed =
        claims.contains("\"" + claim + "\"")
            ? claims.replaceAll(
                "\"" + claim + "\":(\"[^\"]*\"|\\d+)",
                Matcher.quoteReplacement("\"" + claim + "\":" + value))
            : claims.replace("}", ",\"" + claim + "\":" + value + "}");
    refused(Reason.MALFORMED, sign(TestTokens.RSA.getPrivate(), header("RS256"), changed));
  }

  @ParameterizedTest
  @ValueSource(strings = {"7", "null", "[7]", "[[\"hub\"]]", "{}"})
  void anAudienceOfAnotherKindIsRefused(String value) {
    String claims =
        "{\"iss\":\"%s\",\"sub\":\"alice\",\"exp\":%d,\"aud\":%s}"
            .formatted(JWKS_ISSUER, clock.instant().getEpochSecond() + 300, value);
    refused(
        Reason.MALFORMED,
        sign(
            TestTokens.P256.getPrivate(),
            header("ES256").put("kid", "ec").put("typ", "at+jwt"),
            claims));
  }

  @Test
  void repeatedMembersAreRefused() {
    String end = ",\"exp\":" + (clock.instant().getEpochSecond() + 300);
    byte[] secret = SECRET.getBytes(StandardCharsets.US_ASCII);
    String once = "{\"iss\":\"shared\",\"sub\":\"a\"" + end;
    refused(
        Reason.MALFORMED,
        TestTokens.hmac(secret, header("HS256").encode(), once + ",\"sub\":\"b\"}"));
    refused(
        Reason.MALFORMED,
        TestTokens.hmac(secret, header("HS256").encode(), once + ",\"iss\":\"shared\"}"));
    refused(
        Reason.MALFORMED,
        TestTokens.hmac(
            secret,
            header("HS256").encode(),
            once + ",\"tidings\":{\"admin\":false,\"admin\":true}}"));
    refused(
        Reason.MALFORMED,
        TestTokens.hmac(secret, "{\"alg\":\"HS256\",\"alg\":\"none\"}", once + "}"));
  }

  @Test
  void halfOfASurrogatePairIsRefusedInTextsAndInNames() {
    String end = ",\"exp\":" + (clock.instant().getEpochSecond() + 300) + "}";
    for (String payload : List.of("\"\\ud800\"", "{\"\\ud800\":1}", "[{\"a\":{\"\\udc00\":1}}]")) {
      refused(
          Reason.MALFORMED,
          TestTokens.hmac(
              SECRET.getBytes(StandardCharsets.US_ASCII),
              header("HS256").encode(),
              "{\"iss\":\"shared\",\"sub\":\"a\",\"payload\":" + payload + end));
    }
  }

  @Test
  void whatIsNotATokenIsRefused() {
    String[] parts = rsa(pemClaims()).split("\\.");
    for (String text :
        List.of(
            "",
            ".",
            "..",
            "...",
            "a.b",
            "a.b.c",
            "a.b.c.d",
            "a.b.c.d.e",
            "é.é.é",
            "Bearer x",
            parts[0] + "." + parts[1] + "=." + parts[2],
            parts[0] + "." + parts[1] + ".+" + parts[2],
            parts[0] + "." + parts[1] + "." + parts[2] + "\n",
            parts[0] + "\0." + parts[1] + "." + parts[2],
            " " + parts[0] + "." + parts[1] + "." + parts[2],
            parts[0] + ".." + parts[2],
            base64("[]") + "." + parts[1] + "." + parts[2],
            base64("{}x") + "." + parts[1] + "." + parts[2],
            base64(new byte[] {'{', '}', (byte) 0xff}) + "." + parts[1] + "." + parts[2],
            parts[0] + "." + base64("[".repeat(3000)) + "." + parts[2],
            parts[0] + "." + base64("\"x\"") + "." + parts[2],
            parts[0] + "." + parts[1] + "." + "x".repeat(9000),
            "x".repeat(10_000_000))) {
      refused(Reason.MALFORMED, text);
    }
  }

  @Test
  void aTokenIsBoundedAtEightKibibytes() throws Exception {
    String longest = rsa(pemClaims().put("pad", ""));
    int room = (SignedToken.MAX_LENGTH - longest.length()) / 4 * 3;
    accepted(rsa(pemClaims().put("pad", "x".repeat(room))));
    refused(Reason.MALFORMED, rsa(pemClaims().put("pad", "x".repeat(room + 4))));
  }

  @Test
  void anotherSpellingOfTheSameSignatureIsRefused() {
    String token = sign(TestTokens.P384.getPrivate(), "ES384", pemClaims());
    String rsa = rsa(pemClaims()); // 256 bytes end in two characters, of which four bits are unused
    char last = rsa.charAt(rsa.length() - 1);
    refused(Reason.MALFORMED, rsa.substring(0, rsa.length() - 1) + (char) (last + 1));
    refused(Reason.SIGNATURE, token.substring(0, token.length() - 4) + "AAAA");
  }

  // ---- grants

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[] | the token's claim tidings must be an object",
        "null | the token's claim tidings must be an object",
        "{\"subscribe\":\"a\"} | the token's claim tidings.subscribe must be a list of at most 100 topics or globs",
        "{\"publish\":{\"a\":1}} | the token's claim tidings.publish must be a list of at most 100 topics or globs",
        "{\"publish\":[1]} | the token's claim tidings.publish[0] must be a string",
        "{\"publish\":[\"a\",null]} | the token's claim tidings.publish[1] must be a string",
        "{\"subscribe\":[\"a\",\"a..b\"]} | the token's claim tidings.subscribe[1] must be dot-separated parts, none of them empty",
        "{\"subscribe\":[\"**.a\"]} | the token's claim tidings.subscribe[0] must have * only as a whole part, and ** only as the last",
        "{\"subscribe\":[\"\"]} | the token's claim tidings.subscribe[0] must not be empty",
        "{\"admin\":\"true\"} | the token's claim tidings.admin must be true or false",
        "{\"admin\":1} | the token's claim tidings.admin must be true or false",
        "{\"presence\":\"chat\"} | the token's claim tidings.presence must be true or false",
        "{\"subscibe\":[]} | the token's claim tidings must have subscribe, publish, admin and presence only",
      })
  void aClaimThatBreaksARuleMakesTheTokenInvalid(String claim, String sentence) {
    String claims =
        "{\"iss\":\"%s\",\"sub\":\"alice\",\"exp\":%d,\"tidings\":%s}"
            .formatted(PEM_ISSUER, clock.instant().getEpochSecond() + 300, claim);
    InvalidToken e =
        refused(Reason.GRANTS, sign(TestTokens.RSA.getPrivate(), header("RS256"), claims));
    assertEquals(sentence, e.getMessage());
  }

  @Test
  void aClaimHasAtMostAHundredGlobs() throws Exception {
    var globs = new JsonArray();
    for (int i = 0; i < 100; i++) {
      globs.add("a" + i);
    }
    JsonObject claim = new JsonObject().put("subscribe", globs);
    accepted(rsa(pemClaims().put("tidings", claim)));
    globs.add("a");
    refused(Reason.GRANTS, rsa(pemClaims().put("tidings", claim)));
  }

  @Test
  void aPayloadIsKeptAsItIsAndLeftOutIfItIsTooLarge() throws Exception {
    assertEquals(Optional.empty(), accepted(rsa(pemClaims())).payload());
    assertEquals(Optional.of("7"), accepted(rsa(pemClaims().put("payload", 7))).payload());
    JsonObject payload = new JsonObject().put("name", "Zo\u00eb").put("of", new JsonArray().add(1));
    assertEquals(
        Optional.of(payload.encode()),
        accepted(rsa(pemClaims().put("payload", payload))).payload());
    String longest = "x".repeat(Principal.MAX_PAYLOAD - 2);
    assertTrue(accepted(rsa(pemClaims().put("payload", longest))).payload().isPresent());
    assertEquals(
        Optional.empty(), accepted(rsa(pemClaims().put("payload", longest + "x"))).payload());
    assertEquals(Optional.empty(), accepted(rsa(pemClaims().putNull("payload"))).payload());
  }

  @Test
  void aTokenWithoutTheClaimGrantsNothing() throws Exception {
    JsonObject claims = pemClaims();
    claims.remove("tidings");
    assertEquals(Grants.NONE, accepted(rsa(claims)).grants());
    assertEquals(Grants.NONE, accepted(rsa(pemClaims().put("tidings", new JsonObject()))).grants());
    JsonObject empty = new JsonObject().put("subscribe", new JsonArray()).put("admin", false);
    assertEquals(Grants.NONE, accepted(rsa(pemClaims().put("tidings", empty))).grants());
  }

  @Test
  void everyTopicDoesNotGrantTheHubsOwn() throws Exception {
    JsonObject claim =
        new JsonObject().put("subscribe", new JsonArray().add("**")).put("admin", true);
    Grants grants = accepted(rsa(pemClaims().put("tidings", claim))).grants();
    assertTrue(grants.admin());
    assertFalse(grants.subscribe().orElseThrow().matches(List.of("hub.stats")));
  }

  // ---- cache

  @Test
  void aVerifiedTokenIsAnsweredAtOnceUntilItEnds() throws Exception {
    String token = rsa(pemClaims().put("exp", clock.instant().getEpochSecond() + 30));
    accepted(token);
    assertTrue(authenticator.authenticate(token).isComplete());
    clock.advance(Duration.ofSeconds(29));
    assertTrue(authenticator.authenticate(token).succeeded());
    clock.advance(Duration.ofSeconds(1));
    refused(Reason.EXPIRED, token);
  }

  @Test
  void aTokenIsVerifiedAgainAfterAMinute() throws Exception {
    String token = rsa(pemClaims());
    accepted(token);
    nanos.addAndGet(Duration.ofSeconds(59).toNanos());
    assertTrue(authenticator.authenticate(token).isComplete());
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    Promise<Void> free = Promise.promise();
    WorkerExecutor workers = blockedUntil(free.future());
    Future<Principal> again = authenticator.authenticate(token);
    assertFalse(again.isComplete(), "it waits for a worker");
    free.complete();
    await(again);
    await(workers.close());
  }

  /** The workers that verify tokens, each of which waits; to be closed. */
  private WorkerExecutor blockedUntil(Future<Void> free) {
    var workers = vertx.createSharedWorkerExecutor("tidings-tokens", 1);
    for (int i = 0; i < 4; i++) { // no more than there are
      workers.executeBlocking(() -> await(free), false);
    }
    return workers;
  }

  @Test
  void aRecentHeaderIsAnsweredAsLongAsItsTokenIs() throws Exception {
    var recent = new RecentTokens(authenticator);
    String token = rsa(pemClaims().put("exp", clock.instant().getEpochSecond() + 30));
    String header = "Bearer " + token;
    Principal principal = accepted(token);
    assertTrue(recent.principal(header).isEmpty());
    recent.add(header, token);
    assertEquals(principal, recent.principal(header).orElseThrow());
    assertTrue(recent.principal("bearer " + token).isEmpty(), "another header is not known");
    clock.advance(Duration.ofSeconds(30));
    assertTrue(recent.principal(header).isEmpty(), "the token has ended");
    assertEquals(0, recent.size());
  }

  @Test
  void theHeadersUsedLastAreKeptAndLongOnesAreNot() throws Exception {
    var recent = new RecentTokens(authenticator);
    String token = rsa(pemClaims());
    accepted(token);
    recent.add("the first", token);
    for (int i = 0; i < 1_000; i++) {
      recent.add("another " + i, token);
      assertTrue(recent.principal("the first").isPresent());
    }
    assertEquals(256, recent.size());
    assertTrue(recent.principal("another 0").isEmpty());
    recent.add("x".repeat(2_049), token);
    assertTrue(recent.principal("x".repeat(2_049)).isEmpty());
  }

  @Test
  void aFutureCompletesOnTheCallersContext() throws Exception {
    List<String> tokens = new ArrayList<>(List.of(rsa(pemClaims()), "malformed"));
    tokens.add(sign(TestTokens.P256.getPrivate(), "ES256", pemClaims()));
    for (String token : tokens) {
      Context context = vertx.getOrCreateContext();
      Promise<Boolean> same = Promise.promise();
      context.runOnContext(
          start ->
              authenticator
                  .authenticate(token)
                  .onComplete(end -> same.complete(Vertx.currentContext() == context)));
      assertTrue(await(same.future()));
    }
  }

  @Test
  void oneTokenThatIsShownManyTimesAtOnceIsVerifiedForAll() throws Exception {
    String token = rsa(pemClaims());
    var all = new ArrayList<Future<Principal>>();
    for (int i = 0; i < 5_000; i++) { // more than may wait for workers
      all.add(authenticator.authenticate(token));
    }
    await(Future.all(all));
  }

  @Test
  void whenTooManyTokensWaitAnotherIsRefusedForTheMoment() throws Exception {
    var tokens = new ArrayList<String>();
    byte[] secret = SECRET.getBytes(StandardCharsets.US_ASCII);
    JsonObject claims = claims(SECRET_ISSUER, clock.instant());
    for (int i = 0; i < TokenVerifier.MAX_WAITING + 500; i++) {
      tokens.add(
          TestTokens.hmac(secret, header("HS256").encode(), claims.put("jti", "" + i).encode()));
    }
    Promise<Void> free = Promise.promise();
    WorkerExecutor workers = blockedUntil(free.future());
    var all = new ArrayList<Future<Principal>>();
    for (String token : tokens) {
      all.add(authenticator.authenticate(token));
    }
    long busy = all.stream().filter(Future::failed).count();
    assertEquals(500, busy);
    free.complete();
    await(Future.join(all).otherwiseEmpty());
    assertEquals(TokenVerifier.MAX_WAITING, all.stream().filter(Future::succeeded).count());
    assertEquals(Reason.BUSY, ((InvalidToken) all.get(all.size() - 1).cause()).reason());
    accepted(tokens.get(tokens.size() - 1));
    await(workers.close());
  }

  // ---- keys in files

  @Test
  void theHubsOwnSecretIsUsedFromTheMomentItIsThere() throws Exception {
    await(authenticator.close());
    authenticator = create(Map.of());
    var settings = Settings.of(Map.of()).auth();
    assertFalse(authenticator.hasKeys());
    var content =
        new TokenSigner.Content("bob", List.of("a.**"), List.of(), true, TokenSigner.Presence.NONE);
    String token =
        TokenSigner.of(settings, dir).sign(content, clock.instant(), Duration.ofDays(30));
    Principal principal = accepted(token);
    assertEquals("tidings", principal.issuer());
    assertEquals("bob", principal.subject());
    assertEquals(
        new Grants(Optional.of(Filter.of("a.**")), Optional.empty(), true), principal.grants());
    assertTrue(authenticator.hasKeys());
    // the second token has the same secret
    accepted(TokenSigner.of(settings, dir).sign(content, clock.instant(), Duration.ofHours(1)));
  }

  @Test
  void keysThatAreReplacedNoLongerCountAndThoseVerifiedByThemAreForgotten() throws Exception {
    byte[] secret = SECRET.getBytes(StandardCharsets.US_ASCII);
    String token =
        TestTokens.hmac(
            secret, header("HS256").encode(), claims(SECRET_ISSUER, clock.instant()).encode());
    accepted(token);
    secret("shared.txt", "another secret, which is as long as it must be");
    awaitRefusal(token);
    refused(Reason.SIGNATURE, token);
  }

  @Test
  void whoeverRemovesTheHubsOwnSecretMakesItsTokensVoid() throws Exception {
    var settings = Settings.of(Map.of()).auth();
    var content =
        new TokenSigner.Content("bob", List.of("a"), List.of(), false, TokenSigner.Presence.NONE);
    String token =
        TokenSigner.of(settings, dir).sign(content, clock.instant(), Duration.ofHours(1));
    accepted(token);
    Files.delete(dir.resolve("secret"));
    awaitRefusal(token);
    refused(Reason.KEYS, token);
    TokenSigner.of(settings, dir);
    nanos.addAndGet(Duration.ofSeconds(10).toNanos());
    refused(Reason.SIGNATURE, token);
  }

  @Test
  void aSecretThatOthersMayReadFromNowOnIsReportedOnceAndStaysInUse() throws Exception {
    byte[] secret = SECRET.getBytes(StandardCharsets.US_ASCII);
    String token =
        TestTokens.hmac(
            secret, header("HS256").encode(), claims(SECRET_ISSUER, clock.instant()).encode());
    Path file = dir.resolve("shared.txt");
    try (var log = new CapturedLog(SecretExposure.class)) {
      for (String permissions : List.of("rw-r-----", "rw-r--r--")) {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
        Wait.until(
            "it is logged",
            () -> {
              nanos.addAndGet(Duration.ofSeconds(10).toNanos());
              return log.contains(permissions);
            });
      }
      assertEquals(2, log.lines().size(), log.lines()::toString);
      assertTrue(log.contains(file + " can now be read by its group (rw-r-----)"));
      assertTrue(log.contains(file + " can now be read by all users (rw-r--r--)"));
      assertFalse(log.contains(SECRET));
    }
    accepted(token);
  }

  @Test
  void aFileThatCanNoLongerBeUsedLeavesTheFormerKeys() throws Exception {
    try (var log = new CapturedLog(KeySource.class)) {
      Files.writeString(dir.resolve("keys.pem"), "garbage");
      nanos.addAndGet(Duration.ofSeconds(10).toNanos());
      Wait.until("the failure is logged", () -> log.contains("the known ones stay in use"));
      accepted(rsa(pemClaims()));
      Files.writeString(dir.resolve("keys.pem"), TestTokens.pem(TestTokens.P384.getPublic()));
      nanos.addAndGet(Duration.ofSeconds(10).toNanos());
      Wait.until("the new keys are logged", () -> log.contains("keys are loaded again"));
      refused(Reason.KEYS, rsa(pemClaims()));
    }
  }

  @Test
  void whileTheKeysCanNotBeFetchedThatIsTheReasonAndNotTheToken() throws Exception {
    await(authenticator.close());
    var away =
        new JsonObject().put("issuer", PEM_ISSUER).put("keys", "http://127.0.0.1:1/jwks.json");
    authenticator = create(Map.of("auth.issuers", new JsonArray().add(away)));
    refused(Reason.OUTAGE, rsa(pemClaims()));
    refused(Reason.OUTAGE, rsa(pemClaims())); // without another attempt to fetch them
    assertFalse(Reason.OUTAGE.isFailedLogin());
    assertTrue(Reason.KEYS.isFailedLogin());
  }

  /** Waits until the keys that have changed are read again. */
  private void awaitRefusal(String token) {
    nanos.addAndGet(Duration.ofSeconds(10).toNanos());
    Wait.until(
        "the token is refused",
        () -> {
          Future<Principal> answer = authenticator.authenticate(token);
          return answer
              .transform(result -> Future.succeededFuture(result.failed()))
              .toCompletionStage()
              .toCompletableFuture()
              .get();
        });
  }

  static Stream<Arguments> unusableFiles() {
    return Stream.of(
        Arguments.of("keys", "", "must be a PEM file with public keys or certificates, or a JWKS"),
        Arguments.of("keys", "{}", "must be a JWKS, with a list of keys"),
        Arguments.of("keys", "{\"keys\":[]}", "must have a public key for signatures"),
        Arguments.of(
            "keys", "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}", "must have a public key"),
        Arguments.of("keys", null, "does not exist"),
        Arguments.of("secret", "short", "must have at least 32 bytes"),
        Arguments.of("secret", null, "does not exist"));
  }

  @ParameterizedTest
  @MethodSource("unusableFiles")
  void aHubDoesNotStartWithAFileThatHasNoKeys(String kind, String content, String rule)
      throws Exception {
    if (content != null) {
      secret("bad", content);
    }
    var issuer = new JsonObject().put("issuer", "bad").put(kind, file("bad"));
    var e =
        assertThrows(
            InvalidSetting.class,
            () -> create(Map.of("auth.issuers", new JsonArray().add(issuer))));
    assertTrue(e.getMessage().startsWith("auth.issuers, bad: " + kind + "="), e.getMessage());
    assertTrue(e.getMessage().contains(rule), e.getMessage());
  }

  @Test
  void theSettingsOfGrantsAreChecked() {
    var settings = new HashMap<String, String>();
    settings.put("auth.anonymous.subscribe", "a..b");
    settings.put("auth.grants.publish", "user-{sub}.x");
    settings.put("auth.grants.subscribe", "{sub}.**.x");
    settings.forEach(
        (key, value) -> {
          var e =
              assertThrows(
                  InvalidSetting.class, () -> create(Map.of(key, new JsonArray().add(value))));
          assertTrue(e.getMessage().startsWith(key), e.getMessage());
        });
  }

  // ---- at random

  @Test
  void noMutationOfATokenIsAcceptedOrAnError() throws Exception {
    long seed = new Random().nextLong();
    System.out.println("seed " + seed);
    var random = new Random(seed);
    var originals =
        List.of(
            rsa(pemClaims()),
            sign(TestTokens.P384.getPrivate(), "ES384", pemClaims()),
            sign(
                TestTokens.ED25519.getPrivate(),
                header("EdDSA").put("kid", "ed").put("typ", "at+jwt"),
                claims(JWKS_ISSUER, clock.instant()).put("aud", "hub").encode()));
    for (int i = 0; i < 3_000; i++) {
      String original = originals.get(random.nextInt(originals.size()));
      String mutated = mutate(original, random);
      if (!mutated.equals(original)) {
        assertThrows(InvalidToken.class, () -> accepted(mutated), () -> "seed " + seed);
      }
    }
  }

  private static String mutate(String token, Random random) {
    var text = new StringBuilder(token);
    for (int i = random.nextInt(3); i >= 0; i--) {
      int at = random.nextInt(text.length());
      switch (random.nextInt(4)) {
        case 0 -> text.setCharAt(at, (char) ('A' + random.nextInt(26)));
        case 1 -> text.deleteCharAt(at);
        case 2 -> text.insert(at, (char) random.nextInt(256));
        default -> text.setLength(Math.max(8, at));
      }
    }
    return text.toString();
  }
}
