package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.log.redis.RedisServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes, each the jar in its own process, and tokens that are revoked at one of them. */
@Timeout(240)
class RevocationIT {
  static final String SECRET = "a secret of the tests, with more than 32 characters";
  static final String AUTHORIZATION = "Authorization";

  @TempDir private Path directory;
  private Nodes nodes;
  private String admin;

  @BeforeEach
  void start() throws Exception {
    Path secret = Files.writeString(directory.resolve("secret"), SECRET);
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    // requests of this machine without a token may do everything, so that nodes can be watched
    nodes = Nodes.start(3, "auth.secret=" + secret, "cluster.isolated=3s");
    admin = token("root", "root", new JsonObject().put("admin", true));
  }

  @AfterEach
  void stop() throws Exception {
    nodes.close();
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  static String token(String subject, String id, JsonObject grants) throws Exception {
    JsonObject claims =
        new JsonObject()
            .put("iss", "tidings")
            .put("sub", subject)
            .put("jti", id)
            .put("exp", Instant.now().getEpochSecond() + 3_600)
            .put("tidings", grants);
    String signed =
        base64("{\"alg\":\"HS256\",\"typ\":\"JWT\"}".getBytes(StandardCharsets.UTF_8))
            + "."
            + base64(claims.encode().getBytes(StandardCharsets.UTF_8));
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    byte[] signature = mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII));
    return "Bearer " + signed + "." + base64(signature);
  }

  static String reader(String subject, String id) throws Exception {
    JsonArray news = new JsonArray().add("news");
    return token(subject, id, new JsonObject().put("subscribe", news).put("publish", news));
  }

  private int publish(int node, String token) throws IOException {
    return Nodes.post(nodes.url(node).resolve("events/news"), "x", AUTHORIZATION, token)
        .statusCode();
  }

  private HttpResponse<String> revoke(int node, String id) throws IOException {
    String body = "{\"issuer\":\"tidings\",\"jti\":\"" + id + "\"}";
    return Nodes.post(nodes.url(node).resolve("revocations"), body, AUTHORIZATION, admin);
  }

  /** Opens a stream; completes when it ends. */
  private CompletableFuture<Void> stream(int node, String token) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(nodes.url(node).resolve("events/news"))
            .header(AUTHORIZATION, token)
            .build();
    HttpResponse<InputStream> response =
        Nodes.HTTP.send(request, HttpResponse.BodyHandlers.ofInputStream());
    assertEquals(200, response.statusCode());
    return CompletableFuture.runAsync(
        () -> {
          try (InputStream body = response.body()) {
            body.transferTo(OutputStream.nullOutputStream());
          } catch (IOException e) {
            // it was cut, which is an end too
          }
        });
  }

  @Test
  void aTokenThatIsRevokedAtOneNodeIsRefusedAtAllAlsoAfterTheyWereStartedAgain() throws Exception {
    String revoked = reader("alice", "1");
    String other = reader("alice", "2");
    CompletableFuture<Void> ended = stream(1, revoked);
    CompletableFuture<Void> stays = stream(1, other);
    assertEquals(200, publish(2, revoked));
    assertEquals(201, revoke(0, "1").statusCode());
    Wait.until("the stream at another node has ended", ended::isDone);
    for (int node = 0; node < 3; node++) {
      int at = node;
      Wait.until("node " + node + " refuses it", () -> publish(at, revoked) == 401);
      assertEquals(200, publish(node, other));
    }
    assertTrue(!stays.isDone());
    for (int node = 0; node < 3; node++) {
      nodes.kill(node);
    }
    for (int node = 0; node < 3; node++) {
      nodes.start(node);
    }
    for (int node = 0; node < 3; node++) {
      nodes.awaitReady(node);
      assertEquals(401, publish(node, revoked));
      assertEquals(200, publish(node, other));
    }
  }

  @Test
  void withoutAMajorityNothingIsRevokedAndNoTokenIsAccepted() throws Exception {
    String token = reader("alice", "1");
    nodes.kill(1);
    nodes.kill(2);
    Wait.until(
        "the node is isolated",
        () -> Nodes.get(nodes.url(0).resolve("health/ready")).body().contains("isolated"));
    String body = "{\"issuer\":\"tidings\",\"jti\":\"1\"}";
    // as the machine itself, which needs no token
    HttpResponse<String> refused = Nodes.post(nodes.url(0).resolve("revocations"), body);
    assertEquals(503, refused.statusCode(), refused.body());
    assertTrue(refused.headers().firstValue("retry-after").isPresent());
    HttpResponse<String> isolated =
        Nodes.post(nodes.url(0).resolve("events/news"), "x", AUTHORIZATION, token);
    assertEquals(503, isolated.statusCode());
    assertTrue(isolated.body().contains("whether the token was revoked"), isolated.body());
    HttpRequest stream =
        HttpRequest.newBuilder(nodes.url(0).resolve("events/news"))
            .header(AUTHORIZATION, token)
            .header("Accept", "text/event-stream")
            .build();
    HttpResponse<InputStream> busy =
        Nodes.HTTP.send(stream, HttpResponse.BodyHandlers.ofInputStream());
    assertEquals(200, busy.statusCode());
    try (var lines = new BufferedReader(new InputStreamReader(busy.body()))) {
      Wait.until("it is told so", () -> lines.readLine().equals("event: hub.busy"));
    }
    nodes.start(1);
    nodes.start(2);
    for (int node = 0; node < 3; node++) {
      nodes.awaitReady(node);
      assertEquals(200, publish(node, token));
    }
  }

  @Test
  void hubsOnOneRedisRefuseATokenThatWasRevokedAtOneOfThem() throws Exception {
    nodes.close();
    String token = reader("alice", "1");
    try (var redis = RedisServer.onFreePort()) {
      nodes =
          Nodes.startHubs(
              2,
              "log.kind=redis",
              "log.redis.url=" + redis.url(),
              "auth.secret=" + directory.resolve("secret"));
      CompletableFuture<Void> ended = stream(1, token);
      assertEquals(201, revoke(0, "1").statusCode());
      Wait.until("the stream at the other hub has ended", ended::isDone);
      assertEquals(401, publish(0, token));
      assertEquals(401, publish(1, token));
    }
  }
}
