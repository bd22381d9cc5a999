package io.tidings.auth;

import static io.tidings.auth.TestTokens.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.tidings.auth.KeyLoader.Loaded;
import io.tidings.log.ManualClock;
import io.tidings.settings.Settings;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyUrlTest {
  private static final String JWKS =
      TestTokens.jwks(TestTokens.jwk(TestTokens.P256.getPublic(), "one"));
  private static final String ROTATED =
      TestTokens.jwks(
          TestTokens.jwk(TestTokens.P256.getPublic(), "one"),
          TestTokens.jwk(TestTokens.ED25519.getPublic(), "two"));

  @TempDir Path dir;
  private final Vertx vertx = Vertx.vertx();
  private final AtomicInteger requests = new AtomicInteger();
  private volatile Consumer<HttpServerRequest> answer = request -> json(request, JWKS);
  private HttpServer server;

  @BeforeEach
  void serve() throws Exception {
    server = listen(new HttpServerOptions());
  }

  private HttpServer listen(HttpServerOptions options) throws Exception {
    return await(
        vertx
            .createHttpServer(options)
            .requestHandler(
                request -> {
                  requests.incrementAndGet();
                  answer.accept(request);
                })
            .listen(0, "127.0.0.1"));
  }

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
  }

  private static void json(HttpServerRequest request, String body) {
    request.response().putHeader("content-type", "application/json").end(body);
  }

  private String url() {
    return "http://127.0.0.1:" + server.actualPort() + "/jwks.json";
  }

  private Loaded load() throws Exception {
    return load(url(), Settings.NONE);
  }

  private Loaded load(String url, String ca) throws Exception {
    var loader = new KeyUrl(vertx, url, ca, Duration.ofSeconds(2));
    try {
      return await(loader.load());
    } finally {
      await(loader.close());
    }
  }

  private void refused(String rule) {
    var e = assertThrows(UnusableKeys.class, this::load);
    assertTrue(e.getMessage().startsWith(rule), e.getMessage());
  }

  // ---- one answer

  @Test
  void aJwksIsFetched() throws Exception {
    Loaded loaded = load();
    assertEquals(1, loaded.keys().keys().size());
    assertEquals(Optional.empty(), loaded.freshFor());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"max-age=90", "public, Max-Age=90, must-revalidate", "no-transform,max-age=90"})
  void itsMaximumAgeIsTaken(String header) throws Exception {
    answer =
        request -> {
          request.response().putHeader("Cache-Control", header);
          json(request, JWKS);
        };
    assertEquals(Optional.of(Duration.ofSeconds(90)), load().freshFor());
  }

  @ParameterizedTest
  @ValueSource(strings = {"no-store", "s-maxage=90", "max-age=x", "max-age=-1"})
  void anotherCacheControlIsIgnored(String header) throws Exception {
    answer =
        request -> {
          request.response().putHeader("Cache-Control", header);
          json(request, JWKS);
        };
    assertEquals(Optional.empty(), load().freshFor());
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void aRedirectIsNotFollowed(int status) {
    answer =
        request -> {
          if (request.path().equals("/jwks.json")) {
            request.response().setStatusCode(status).putHeader("Location", "/other.json").end();
          } else {
            json(request, JWKS);
          }
        };
    refused("must be answered 200, not " + status);
    assertEquals(1, requests.get());
  }

  @ParameterizedTest
  @ValueSource(ints = {204, 401, 404, 500, 503})
  void anotherStatusIsAFailure(int status) {
    answer = request -> request.response().setStatusCode(status).end();
    refused("must be answered 200, not " + status);
  }

  @Test
  void anAnswerThatIsTooLargeIsCutOff() {
    answer =
        request -> {
          request.response().setChunked(true);
          for (int i = 0; i < 40; i++) {
            request.response().write(Buffer.buffer(new byte[32 * 1024]));
          }
          request.response().end();
        };
    refused("must have at most 524288 bytes");
  }

  @Test
  void anAnswerThatNeverEndsIsGivenUp() {
    answer = request -> request.response().setChunked(true).write("{\"keys\":[");
    refused("must be answered in 2 s");
    answer = request -> {}; // not even a head
    refused("must be answered in 2 s");
  }

  @Test
  void anAnswerThatIsCutIsAFailure() {
    answer =
        request -> {
          request.response().putHeader("Content-Length", "1000").write("{\"keys\":[");
          request.connection().close();
        };
    assertThrows(Exception.class, this::load);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "[]",
        "null",
        "{}",
        "{\"keys\":{}}",
        "{\"keys\":[],\"keys\":[]}",
        "<html></html>"
      })
  void garbageIsAFailure(String body) {
    answer = request -> json(request, body);
    refused("must be a JWKS");
  }

  @Test
  void aKeySetWithoutUsableKeysIsAFailure() {
    answer = request -> json(request, "{\"keys\":[{\"kty\":\"XYZ\"}]}");
    refused("must have a public key for signatures");
  }

  @Test
  void anIssuerThatIsNotThereIsAFailure() throws Exception {
    await(server.close());
    assertThrows(Exception.class, this::load);
  }

  @Test
  void aCertificateIsCheckedAndItsAuthorityMayBeSet() throws Exception {
    var certificate = new TestCertificate(dir);
    HttpServer secure =
        listen(new HttpServerOptions().setSsl(true).setKeyCertOptions(certificate.ofServer()));
    String url = "https://localhost:" + secure.actualPort() + "/";
    String otherName = "https://127.0.0.1:" + secure.actualPort() + "/";
    assertThrows(Exception.class, () -> load(url, Settings.NONE));
    assertEquals(0, requests.get());
    assertEquals(1, load(url, certificate.file()).keys().keys().size());
    assertThrows(Exception.class, () -> load(otherName, certificate.file()));
  }

  // ---- with the authenticator

  @Test
  void tokensFollowAnIssuerThroughOutageAndRotation() throws Exception {
    var clock = new ManualClock();
    var nanos = new AtomicLong();
    answer = request -> request.response().setStatusCode(500).end();
    var issuer = new JsonObject().put("issuer", "idp").put("keys", url());
    var authenticator =
        await(
            Authenticator.create(
                vertx,
                Settings.of(Map.of("auth.issuers", new JsonArray().add(issuer))).auth(),
                dir,
                clock,
                nanos::get));
    assertTrue(authenticator.hasKeys()); // configured: nothing is open
    Wait.until("the first fetch has failed", () -> requests.get() >= 1);
    var claims = TestTokens.claims("idp", clock.instant());
    String one =
        TestTokens.sign(
            TestTokens.P256.getPrivate(),
            TestTokens.header("ES256").put("kid", "one"),
            claims.encode());
    refused(InvalidToken.Reason.OUTAGE, authenticator, one);
    answer = request -> json(request, JWKS);
    nanos.addAndGet(Duration.ofSeconds(31).toNanos());
    await(authenticator.authenticate(one));

    String two =
        TestTokens.sign(
            TestTokens.ED25519.getPrivate(),
            TestTokens.header("EdDSA").put("kid", "two"),
            claims.encode());
    int before = requests.get();
    for (int i = 0; i < 200; i++) { // made up
      refused(
          InvalidToken.Reason.KEYS,
          authenticator,
          TestTokens.sign(
              TestTokens.STRANGER.getPrivate(),
              TestTokens.header("ES256").put("kid", "x" + i),
              claims.encode()));
    }
    assertTrue(requests.get() <= before + 1, () -> requests.get() + " requests");
    answer = request -> json(request, ROTATED);
    nanos.addAndGet(Duration.ofSeconds(31).toNanos());
    await(authenticator.authenticate(two));

    answer = request -> request.connection().close(); // away: known keys are still used
    nanos.addAndGet(Duration.ofHours(3).toNanos());
    await(authenticator.authenticate(one));
    await(authenticator.authenticate(two));
    await(authenticator.close());
  }

  private static void refused(
      InvalidToken.Reason reason, Authenticator authenticator, String token) {
    var e = assertThrows(InvalidToken.class, () -> await(authenticator.authenticate(token)));
    assertEquals(reason, e.reason());
  }
}
