package io.tidings.http;

import static io.tidings.http.TestTokens.ISSUER;
import static io.tidings.http.TestTokens.claims;
import static io.tidings.http.TestTokens.grants;
import static io.tidings.http.TestTokens.sign;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.tidings.auth.Authenticator;
import io.tidings.http.RawClient.Answer;
import io.tidings.log.EventLog;
import io.tidings.log.ExpiringRecord;
import io.tidings.log.ExpiringRecords;
import io.tidings.log.LogUnavailable;
import io.tidings.log.OutcomeUnknown;
import io.tidings.settings.Settings;
import io.tidings.wire.EventStreamParser.ReceivedEvent;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class RevocationsTest {
  @TempDir private Path directory;
  private RunningHub hub;
  private String admin;

  @BeforeEach
  void start() throws Exception {
    hub = RunningHub.start(settings());
    admin = bearer(claims("root", new JsonObject().put("admin", true)));
  }

  private Map<String, Object> settings() throws Exception {
    return new HashMap<>(
        Map.of(
            "auth.mode", "required",
            "auth.issuers", TestTokens.issuers(directory),
            "auth.secret", "none",
            "stream.heartbeat", "200ms",
            "log.kind", "disk",
            "log.dir", directory.resolve("log").toString()));
  }

  @AfterEach
  void stop() throws Exception {
    hub.close();
  }

  private static JsonObject reader(String subject, String id) {
    return claims(subject, grants(new JsonArray().add("news"), new JsonArray().add("news")))
        .put("jti", id);
  }

  private static String bearer(JsonObject claims) throws Exception {
    return "Authorization: Bearer " + sign(claims);
  }

  private Answer revoke(String json) throws Exception {
    return RawClient.post(hub.port(), "/revocations", json.replace('\'', '"'), admin);
  }

  private static Answer get(int port, String path, String... headers) throws Exception {
    try (var client = new RawClient(port)) {
      client.send(
          "GET "
              + path
              + " HTTP/1.1\r\nHost: localhost\r\n"
              + String.join("\r\n", List.of(headers))
              + (headers.length > 0 ? "\r\n\r\n" : "\r\n"));
      return client.answer();
    }
  }

  private int publish(String token) throws Exception {
    return RawClient.post(hub.port(), "/events/news", "x", token).status();
  }

  private static String of(String rest) {
    return "{'issuer':'" + ISSUER + "'," + rest + "}";
  }

  @Test
  void aRevokedTokenIsRefusedAndAnotherOneOfTheSameSubjectIsNot() throws Exception {
    String token = bearer(reader("alice", "1"));
    String other = bearer(reader("alice", "2"));
    assertEquals(200, publish(token));
    assertEquals(200, publish(token));
    Answer answer = revoke(of("'jti':'1'"));
    assertEquals(201, answer.status(), answer.body());
    assertEquals("1", new JsonObject(answer.body()).getString("jti"));
    Answer refused = RawClient.post(hub.port(), "/events/news", "x", token);
    assertEquals(401, refused.status());
    assertTrue(
        refused.headers().get("www-authenticate").contains("error_description=\"revoked\""),
        refused.headers().toString());
    assertEquals(200, publish(other));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/events/news", "/events", "/revocations"})
  void aRequestWhoseTokenIsRevokedBeforeItsBodyHasArrivedIsRefused(String path) throws Exception {
    String token =
        bearer(
            reader("alice", "1")
                .put(
                    "tidings",
                    new JsonObject()
                        .put("publish", new JsonArray().add("news"))
                        .put("admin", true)));
    String body =
        path.equals("/revocations")
            ? of("'jti':'2'").replace('\'', '"')
            : "{\"topic\":\"news\",\"data\":\"x\"}";
    assertEquals(200, publish(token)); // so that it need not be verified again
    try (var client = new RawClient(hub.port())) {
      client.send(
          "POST "
              + path
              + " HTTP/1.1\r\nHost: localhost\r\n"
              + token
              + "\r\nContent-Length: "
              + body.length()
              + "\r\n\r\n"
              + body.charAt(0));
      assertEquals(201, revoke(of("'jti':'1'")).status());
      client.send(body.substring(1));
      assertEquals(401, client.answer().status());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/event-stream", "application/x-ndjson"})
  void openStreamsOfTheTokenEndAndOthersStay(String format) throws Exception {
    String accept = "Accept: " + format;
    try (var revoked =
            RawClient.subscribe(hub.port(), "/events/news", bearer(reader("alice", "1")), accept);
        var other =
            RawClient.subscribe(hub.port(), "/events/news", bearer(reader("bob", "2")), accept)) {
      Wait.until("both are open", () -> hub.hub().streams() == 2);
      assertEquals(201, revoke(of("'subject':'alice'")).status());
      Wait.until("one has ended", () -> hub.hub().streams() == 1);
      revoked.awaitEnd();
      assertEquals(200, publish(bearer(reader("bob", "3"))));
      other.chunk();
    }
  }

  @Test
  void aStreamOfStatisticsEnds() throws Exception {
    JsonObject claims =
        claims("root 2", new JsonObject().put("admin", true)).put("jti", "to be revoked");
    try (var client = RawClient.subscribe(hub.port(), "/stats", bearer(claims))) {
      client.await(received -> !client.parser().all("hub.open").isEmpty());
      assertEquals(201, revoke(of("'jti':'to be revoked'")).status());
      List<ReceivedEvent> received = client.awaitEnd();
      ReceivedEvent last = received.get(received.size() - 1);
      assertEquals("hub.end", last.type());
      assertEquals("{\"reason\":\"revoked\"}", last.data());
    }
  }

  /** One that is silent for ten minutes, and one that sends stamps. */
  @ParameterizedTest
  @ValueSource(strings = {"quiet=10m", "for=30s"})
  void aProbeEnds(String parameters) throws Exception {
    String target = "/probe?" + parameters;
    try (var client = RawClient.subscribe(hub.port(), target, bearer(reader("alice", "1")))) {
      client.await(1);
      assertEquals(201, revoke(of("'jti':'1'")).status());
      List<ReceivedEvent> received = client.awaitEnd();
      ReceivedEvent last = received.get(received.size() - 1);
      assertEquals("hub.end", last.type());
      assertEquals("{\"reason\":\"revoked\"}", last.data());
    }
  }

  @Test
  void aProbeEndsWithItsToken() throws Exception {
    JsonObject ending =
        reader("alice", "1").put("exp", Instant.now().plusSeconds(2).getEpochSecond());
    try (var client = RawClient.subscribe(hub.port(), "/probe?quiet=10m", bearer(ending))) {
      List<ReceivedEvent> received = client.awaitEnd();
      assertEquals("{\"reason\":\"expired\"}", received.get(received.size() - 1).data());
    }
  }

  @Test
  void tokensThatWereIssuedBeforeATimeAreRevokedAndNewOnesAreNot() throws Exception {
    Instant now = Instant.now();
    String old = bearer(reader("alice", "1").put("iat", now.getEpochSecond() - 10));
    assertEquals(200, publish(old));
    assertEquals(
        201, revoke(of("'subject':'alice','before':'" + now.minusSeconds(5) + "'")).status());
    assertEquals(401, publish(old));
    assertEquals(200, publish(bearer(reader("alice", "2").put("iat", now.getEpochSecond() - 1))));
    assertEquals(200, publish(bearer(reader("bob", "1").put("iat", now.getEpochSecond() - 10))));
  }

  @Test
  void revocationsAreThereAfterARestart() throws Exception {
    String token = bearer(reader("alice", "1"));
    assertEquals(201, revoke(of("'jti':'1'")).status());
    hub.close();
    hub = RunningHub.start(settings());
    assertEquals(401, publish(token));
    JsonObject list = new JsonObject(get(hub.port(), "/revocations", admin).body());
    assertEquals(1, list.getInteger("total"));
    assertEquals("1", list.getJsonArray("revocations").getJsonObject(0).getString("jti"));
  }

  @Test
  void theSameTokensAreRevokedOnceAndAgainWithAnotherEnd() throws Exception {
    String first = revoke(of("'jti':'1'")).body();
    String minute = new JsonObject(first).getString("until");
    assertEquals(first, revoke(of("'jti':'1','until':'" + minute + "'")).body());
    String until = "2990-01-01T00:00:00Z";
    assertTrue(revoke(of("'jti':'1','until':'" + until + "'")).body().contains(until));
    JsonObject list = new JsonObject(get(hub.port(), "/revocations", admin).body());
    assertEquals(2, list.getInteger("total"));
  }

  @Test
  void theNewestAreListedAsManyAsAreAskedFor() throws Exception {
    assertEquals(201, revoke(of("'jti':'1'")).status());
    assertEquals(201, revoke(of("'jti':'2'")).status());
    JsonObject list = new JsonObject(get(hub.port(), "/revocations?limit=1", admin).body());
    assertEquals(2, list.getInteger("total"));
    assertEquals(1, list.getJsonArray("revocations").size());
    assertEquals("2", list.getJsonArray("revocations").getJsonObject(0).getString("jti"));
    assertEquals(400, get(hub.port(), "/revocations?limit=0", admin).status());
    assertEquals(400, get(hub.port(), "/revocations?limits=1", admin).status());
  }

  @Test
  void onlyAnAdministratorMayRevokeAndList() throws Exception {
    String reader = bearer(reader("alice", "1"));
    String body = of("'jti':'2'").replace('\'', '"');
    assertEquals(403, RawClient.post(hub.port(), "/revocations", body, reader).status());
    assertEquals(401, RawClient.post(hub.port(), "/revocations", body).status());
    assertEquals(403, get(hub.port(), "/revocations", reader).status());
    assertEquals(401, get(hub.port(), "/revocations").status());
    assertEquals(200, get(hub.port(), "/revocations", admin).status());
    assertEquals(
        403,
        RawClient.post(hub.port(), "/revocations", body, admin, "Origin: https://evil.example")
            .status());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "issuer | {'issuer':'https://other.example/','jti':'1'}",
        "issuer | {'jti':'1'}",
        "jti    | {'issuer':'" + ISSUER + "'}",
        "until  | {'issuer':'" + ISSUER + "','jti':'1','until':'2020-01-01T00:00:00Z'}",
        "body   | x"
      })
  void aRequestThatBreaksARuleNamesTheField(String field, String json) throws Exception {
    Answer answer = revoke(json);
    assertEquals(400, answer.status());
    assertEquals(field, new JsonObject(answer.body()).getString("field"));
    assertTrue(new JsonObject(answer.body()).containsKey("rule"));
  }

  @Test
  void aBodyThatIsTooLargeIsRefused() throws Exception {
    assertEquals(413, revoke("x".repeat(17_000)).status());
  }

  /** A log whose records have the given outcome. */
  private static EventLog logWith(Future<ExpiringRecord> outcome) {
    var records =
        new ExpiringRecords() {
          @Override
          public Future<ExpiringRecord> putIfAbsent(ExpiringRecord record) {
            return outcome;
          }

          @Override
          public void follow(String kind, Handler<ExpiringRecord> handler) {
            throw new UnsupportedOperationException();
          }
        };
    return (EventLog)
        Proxy.newProxyInstance(
            EventLog.class.getClassLoader(),
            new Class<?>[] {EventLog.class},
            (proxy, method, arguments) -> {
              assertEquals("records", method.getName());
              return records;
            });
  }

  @Test
  void aLogThatCannotStoreItIsAnsweredAndNothingIsRevoked() throws Exception {
    var refused = new LogUnavailable("no majority; nothing was stored", null);
    Promise<ExpiringRecord> never = Promise.promise();
    Map<Future<ExpiringRecord>, Integer> statuses =
        Map.of(
            Future.failedFuture(refused),
            503,
            Future.failedFuture(new OutcomeUnknown("the log is slow", null)),
            504,
            never.future(),
            504);
    Vertx vertx = hub.vertx();
    Settings settings = Settings.of(Map.of("auth.mode", "open", "log.patience", "50ms"));
    Authenticator authenticator =
        RunningHub.get(Authenticator.create(vertx, settings.auth(), directory));
    var proxies = new TrustedProxies(settings.http().proxies());
    for (Map.Entry<Future<ExpiringRecord>, Integer> one : statuses.entrySet()) {
      Router router = Router.router(vertx);
      RevocationsRoute.mount(
          router,
          new RevocationLog(logWith(one.getKey()), settings.log().patience()),
          authenticator,
          TestAuthenticator.openAccess(vertx, proxies),
          new AllowedOrigins(settings.cors(), proxies),
          settings);
      HttpServer server =
          RunningHub.get(
              vertx
                  .createHttpServer()
                  .requestHandler(new FailureHandler(router))
                  .listen(0, "127.0.0.1"));
      Answer answer =
          RawClient.post(
              server.actualPort(), "/revocations", "{\"issuer\":\"tidings\",\"jti\":\"1\"}");
      assertEquals(one.getValue(), answer.status(), answer.body());
      assertTrue(answer.headers().containsKey("retry-after"));
      RunningHub.get(server.close());
    }
    assertEquals(List.of(), authenticator.revocations(10));
    RunningHub.get(authenticator.close());
  }
}
