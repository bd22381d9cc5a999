package io.tidings.http;

import static io.tidings.http.TestTokens.claims;
import static io.tidings.http.TestTokens.grants;
import static io.tidings.http.TestTokens.sign;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.CapturedLog;
import io.tidings.Wait;
import io.tidings.logging.Logging;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The open streams of a hub with two event loops, as an administrator sees and ends them. */
@Timeout(60)
class StreamsRouteTest {
  private static final JsonObject READER =
      grants(new JsonArray().add("**"), new JsonArray().add("**"));
  private static final JsonObject ADMIN = new JsonObject().put("admin", true);

  @TempDir private Path directory;
  private RunningHub hub;
  private String admin;

  @BeforeEach
  void start() throws Exception {
    hub = RunningHub.startWithTokens(directory, Map.of("auth.anonymous.subscribe", "public.**"));
    admin = token("root", ADMIN);
  }

  @AfterEach
  void stop() throws Exception {
    hub.close();
  }

  private static String token(String subject, JsonObject grants) throws Exception {
    return "Authorization: Bearer " + sign(claims(subject, grants));
  }

  private RawClient subscribe(String target, String subject, String... headers) throws Exception {
    String[] all = new String[headers.length + 1];
    all[0] = token(subject, READER);
    System.arraycopy(headers, 0, all, 1, headers.length);
    return RawClient.subscribe(hub.port(), target, all);
  }

  private RawClient.Answer request(String line, String... headers) throws Exception {
    try (var client = new RawClient(hub.port())) {
      client.send(line + " HTTP/1.1\r\nHost: localhost\r\n");
      for (String header : headers) {
        client.send(header + "\r\n");
      }
      client.send("\r\n");
      return client.answer();
    }
  }

  private JsonObject list(String query) throws Exception {
    RawClient.Answer answer = request("GET /streams" + query, admin);
    assertEquals(200, answer.status(), answer.body());
    return new JsonObject(answer.body());
  }

  private static List<JsonObject> streams(JsonObject page) {
    return page.getJsonArray("streams").stream().map(JsonObject.class::cast).toList();
  }

  private static Set<String> subjects(JsonObject page) {
    var subjects = new HashSet<String>();
    streams(page).forEach(stream -> subjects.add(stream.getString("subject")));
    return subjects;
  }

  @Test
  void streamsOfAllLoopsAndFormatsAreListed() throws Exception {
    try (var stream = subscribe("/events/orders.new", "alice");
        var lines = subscribe("/events/orders.*", "bob", "Accept: application/x-ndjson");
        var anonymous = RawClient.subscribe(hub.port(), "/events/public.a")) {
      Wait.until("all are listed", () -> streams(list("")).size() == 3);
      JsonObject page = list("");
      assertEquals(new JsonArray(), page.getJsonArray("missing"));
      JsonObject alice = streams(list("?subject=alice")).get(0);
      assertEquals(TestTokens.ISSUER, alice.getString("issuer"));
      assertEquals(List.of("orders.new"), alice.getJsonArray("topics").getList());
      assertEquals("stream", alice.getString("format"));
      assertEquals("alone", alice.getString("node"));
      assertTrue(alice.getString("address").startsWith("127.0.0.1:"), alice::encode);
      assertFalse(alice.containsKey("jti"), "the token has none");
      assertEquals("lines", streams(list("?subject=bob")).get(0).getString("format"));
      JsonObject nobody = streams(list("?subject=")).get(0);
      assertFalse(nobody.containsKey("subject"), nobody::encode);
      assertEquals(Set.of("alice", "bob"), subjects(list("?topic=orders.new")));
      assertEquals(List.of(), streams(list("?behind=0")));
      assertEquals(List.of(), streams(list("?node=other")));
      assertEquals(3, streams(list("?node=alone")).size());
    }
  }

  @Test
  void aStreamHasTheIdOfItsTokenAndWhenThatEnds() throws Exception {
    long end = Instant.now().getEpochSecond() + 600;
    JsonObject claims = claims("alice", READER).put("jti", "token-7").put("exp", end);
    String token = "Authorization: Bearer " + sign(claims);
    try (var identified = RawClient.subscribe(hub.port(), "/events/a", token);
        var anonymous = RawClient.subscribe(hub.port(), "/events/public.a")) {
      Wait.until("both are listed", () -> streams(list("")).size() == 2);
      JsonObject alice = streams(list("?subject=alice")).get(0);
      assertEquals("token-7", alice.getString("jti"));
      assertEquals(Instant.ofEpochSecond(end).toString(), alice.getString("expires"));
      JsonObject nobody = streams(list("?subject=")).get(0);
      assertFalse(nobody.containsKey("expires") || nobody.containsKey("jti"), nobody::encode);
    }
  }

  @Test
  void pagesFollowEachOther() throws Exception {
    try (var one = subscribe("/events/a", "one");
        var two = subscribe("/events/a", "two");
        var three = subscribe("/events/a", "three")) {
      JsonObject first = list("?limit=2");
      assertEquals(2, streams(first).size());
      JsonObject second = list("?limit=2&after=" + first.getString("next"));
      assertEquals(1, streams(second).size());
      assertFalse(second.containsKey("next"));
      var all = new HashSet<>(subjects(first));
      all.addAll(subjects(second));
      assertEquals(Set.of("one", "two", "three"), all);
    }
  }

  @Test
  void theStreamOfAHandleEndsAndTheOthersStay() throws Exception {
    try (var alice = subscribe("/events/a", "alice");
        var bob = subscribe("/events/a", "bob");
        var audit = new CapturedLog(Logging.AUDIT)) {
      String handle = streams(list("?subject=alice")).get(0).getString("handle");
      assertEquals(204, request("DELETE /streams/" + handle, admin).status());
      alice.awaitEnd();
      assertEquals(Set.of("bob"), subjects(list("")));
      assertEquals(404, request("DELETE /streams/" + handle, admin).status());
      Wait.until("it is logged", () -> audit.contains("ended " + handle));
      assertTrue(audit.contains("\"subject\":\"root\""), audit.lines()::toString);
    }
  }

  @ParameterizedTest
  @CsvSource({"/streams/AAAAAAAAAAAAAAAAAAAAAA, 404", "/streams/short, 404", "/streams/%00, 404"})
  void aStreamThatIsNotOpenIsNotFound(String path, int status) throws Exception {
    assertEquals(status, request("DELETE " + path, admin).status());
  }

  @ParameterizedTest
  @CsvSource({
    "limit=0, limit",
    "limit=1001, limit",
    "limit=x, limit",
    "behind=-1, behind",
    "after=x, after",
    "topic=a..b, topic",
    "other=1, other",
    "subject=a&subject=b, subject"
  })
  void aParameterThatBreaksARuleIsNamed(String query, String field) throws Exception {
    RawClient.Answer answer = request("GET /streams?" + query, admin);
    assertEquals(400, answer.status());
    assertEquals(field, new JsonObject(answer.body()).getString("field"));
  }

  @Test
  void onlyAdministratorsSeeAndEndStreams() throws Exception {
    try (var alice = subscribe("/events/a", "alice")) {
      String handle = streams(list("")).get(0).getString("handle");
      for (String line : List.of("GET /streams", "DELETE /streams/" + handle)) {
        assertEquals(401, request(line).status());
        assertEquals(403, request(line, token("alice", READER)).status());
      }
      assertEquals(Set.of("alice"), subjects(list("")));
    }
  }

  @Test
  void pagesOfOthersEndNoStream() throws Exception {
    try (var alice = subscribe("/events/a", "alice")) {
      String handle = streams(list("")).get(0).getString("handle");
      String line = "DELETE /streams/" + handle;
      assertEquals(403, request(line, admin, "Origin: https://evil.example").status());
      assertEquals(403, request(line, admin, "Sec-Fetch-Site: cross-site").status());
      assertEquals(204, request(line, admin, "Origin: http://localhost").status());
    }
  }
}
