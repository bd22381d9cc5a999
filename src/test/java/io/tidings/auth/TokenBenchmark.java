package io.tidings.auth;

import io.tidings.settings.Settings;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What a token costs: its form, its signature, and a look-up in the cache. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class TokenBenchmark {
  @Param({"ES256", "EdDSA", "RS256", "HS256"})
  private String algorithm;

  private Vertx vertx;
  private Path directory;
  private Authenticator authenticator;
  private String token;
  private SignedToken parsed;
  private VerificationKey key;

  @Setup
  public void open() throws Exception {
    vertx = Vertx.vertx();
    directory = Files.createTempDirectory("tokens");
    var claims = TestTokens.claims("a", Instant.now()).put("exp", 4_000_000_000L);
    Path file = directory.resolve("keys");
    boolean symmetric = algorithm.equals("HS256");
    if (symmetric) {
      SecretFile.create(file);
      key = VerificationKey.of(SecretFile.read(file));
      token = TestTokens.sign(key.key(), algorithm, claims);
    } else {
      KeyPair pair =
          Map.of("ES256", TestTokens.P256, "EdDSA", TestTokens.ED25519, "RS256", TestTokens.RSA)
              .get(algorithm);
      Files.writeString(file, TestTokens.pem(pair.getPublic()));
      key = VerificationKey.of(pair.getPublic());
      token = TestTokens.sign(pair.getPrivate(), algorithm, claims);
    }
    var issuer =
        new JsonObject().put("issuer", "a").put(symmetric ? "secret" : "keys", file.toString());
    var settings = Settings.of(Map.of("auth.issuers", new JsonArray(List.of(issuer))));
    authenticator = TestTokens.await(Authenticator.create(vertx, settings.auth(), directory));
    parsed = SignedToken.parse(token);
    TestTokens.await(authenticator.authenticate(token));
  }

  @TearDown
  public void close() throws Exception {
    TestTokens.await(authenticator.close());
    TestTokens.await(vertx.close());
    Files.delete(directory.resolve("keys"));
    Files.delete(directory);
  }

  @Benchmark
  public Object form() {
    return SignedToken.parse(token);
  }

  @Benchmark
  public boolean signature() {
    return SignatureCheck.verifies(parsed, key.key());
  }

  @Benchmark
  public Object cached() throws Exception {
    // verified again once a minute, which no iteration notices
    return TestTokens.await(authenticator.authenticate(token));
  }
}
