package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.Wait;
import io.tidings.http.RawClient.Answer;
import io.tidings.wire.EventStreamParser;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@BothOutlets
class PublishingTest {
  @Parameter private String outlet;

  private RunningHub hub;
  private RawClient all;

  @BeforeEach
  void start() throws Exception {
    hub =
        RunningHub.start(
            "stream.outlet",
            outlet,
            "limits.body",
            "1000",
            "cors.publish",
            "https://friend",
            "cors.subscribe",
            "*");
    all = RawClient.subscribe(hub.port(), "/events?topic=**");
  }

  @AfterEach
  void stop() throws Exception {
    all.close();
    hub.close();
  }

  private Answer post(String target, String body, String... headers) throws Exception {
    return RawClient.post(hub.port(), target, body, headers);
  }

  @Test
  void theResponseFollowsTheAppendAndHasIdTopicAndSubscribers() throws Exception {
    try (var one = RawClient.subscribe(hub.port(), "/events?topic=a&topic=b")) {
      Wait.until("both are counted", () -> hub.hub().streams() == 2);
      var answer = new JsonObject(post("/events/a", "1").body());
      assertEquals("a", answer.getString("topic"));
      assertEquals(2, answer.getInteger("subscribers"));
      assertEquals(answer.getString("id"), one.await(1).get(0).lastEventId());
    }
  }

  @Test
  void theBodyOfAFormIsPublishedAsItIs() throws Exception {
    post("/events/a", "hello", "Content-Type: application/x-www-form-urlencoded");
    post("/events/a", "a=1&b=%20", "Content-Type: application/x-www-form-urlencoded");
    post("/events/a", "--x\r\n", "Content-Type: multipart/form-data; boundary=x");
    assertEquals(List.of("hello", "a=1&b=%20", "--x\n"), all.awaitData(3));
  }

  @Test
  void typeIdAndRetryAreParameters() throws Exception {
    var answer = post("/events/a?type=added&id=order%20%247&retry=1500", "x");
    assertEquals("order $7", new JsonObject(answer.body()).getString("id"));
    var received = all.await(1).get(0);
    assertEquals("added", received.type());
    assertEquals("order $7", received.lastEventId());
    assertEquals(1_500, all.parser().retry());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/events/a?type=x%0Ay | type",
        "/events/a?type=hub.gap | type",
        "/events/a?id= | id",
        "/events/a?id=1%002 | id",
        "/events/a?id=earliest | id",
        "/events/a?id=a&id=b | id",
        "/events/a?retry=soon | retry",
        "/events/a?retry=-1 | retry",
        "/events/a?typ=x | typ",
        "/events/a?type=%ff | type",
        "/events/a?type=%zz | type",
        "/events/a?id=%20x | id",
        "/events/a?retry=2147483648 | retry",
        "/events?type=x | type",
        "/events/hub.stats | topic",
        "/events/a.* | topic",
        "/events/a%0d%0ab | topic",
      })
  void aBrokenRuleIsNamedAndNothingIsPublished(String target, String field) throws Exception {
    Answer answer = post(target, "x");
    assertEquals(400, answer.status());
    assertEquals("application/problem+json", answer.headers().get("content-type"));
    assertEquals(field, new JsonObject(answer.body()).getString("field"));
    post("/events/a", "the only one");
    assertEquals(List.of("the only one"), all.awaitData(1));
  }

  @Test
  void aBodyThatIsNotUtf8OrTooLargeIsRejected() throws Exception {
    assertEquals(
        400, RawClient.post(hub.port(), "/events/a", new byte[] {'a', (byte) 0xe9}).status());
    assertEquals(200, post("/events/a", "x".repeat(1_000)).status());
    assertEquals(413, post("/events/a", "x".repeat(1_001)).status());
    try (var chunked = new RawClient(hub.port())) {
      chunked.send(
          "POST /events/a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
      for (int i = 0; i < 3; i++) {
        chunked.send("190\r\n" + "y".repeat(0x190) + "\r\n");
      }
      assertEquals(413, chunked.answer().status());
    }
  }

  @Test
  void aBodyThatIsTooLargeOverHttp2IsRejectedToo() throws Exception {
    var options =
        new io.vertx.core.http.HttpClientOptions()
            .setProtocolVersion(io.vertx.core.http.HttpVersion.HTTP_2)
            .setHttp2ClearTextUpgrade(false);
    var client = hub.vertx().createHttpClient(options);
    var response =
        RunningHub.get(
            client
                .request(io.vertx.core.http.HttpMethod.POST, hub.port(), "127.0.0.1", "/events/a")
                .compose(request -> request.send("x".repeat(2_000))));
    assertEquals(413, response.statusCode());
  }

  @Test
  void anExpect100ContinueIsAcceptedOrRejected() throws Exception {
    try (var client = new RawClient(hub.port())) {
      client.send(
          "POST /events/a HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
      client.readHead();
      assertEquals(100, client.status());
      client.send("ok");
      assertEquals(200, client.answer().status());
    }
    try (var client = new RawClient(hub.port())) {
      client.send(
          "POST /events/a HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2000\r\n\r\n");
      assertEquals(413, client.answer().status());
    }
  }

  @Test
  void aBatchIsPublishedEntirelyOrNotAtAll() throws Exception {
    var answer =
        post(
            "/events",
            "{\"topic\":\"a\",\"data\":{\"n\": 1}}\n{\"topic\":\"b\",\"data\":\"2\",\"id\":\"mine\"}\n");
    assertEquals(200, answer.status());
    List<?> ids = new JsonObject(answer.body()).getJsonArray("ids").getList();
    assertEquals(2, ids.size());
    assertEquals("mine", ids.get(1));
    var wrong =
        post("/events", "{\"topic\":\"a\",\"data\":\"x\"}\n\n{\"topic\":\"hub.x\",\"data\":\"y\"}");
    assertEquals(400, wrong.status());
    assertEquals(3, new JsonObject(wrong.body()).getInteger("line"));
    assertEquals("topic", new JsonObject(wrong.body()).getString("field"));
    post("/events", "[{\"topic\":\"a\",\"data\":\"3\"}]");
    assertEquals(List.of("{\"n\": 1}", "2", "3"), all.awaitData(3));
  }

  @Test
  void pagesOfOtherOriginsCannotPublishUnlessAllowed() throws Exception {
    assertEquals(403, post("/events/a", "x", "Origin: https://stranger").status());
    assertEquals(403, post("/events/a", "x", "Origin: null").status());
    assertEquals(200, post("/events/a", "x", "Origin: http://localhost").status());
    Answer friend = post("/events/a", "x", "Origin: https://friend");
    assertEquals(200, friend.status());
    assertEquals("https://friend", friend.headers().get("access-control-allow-origin"));
    assertEquals("true", friend.headers().get("access-control-allow-credentials"));
  }

  @Test
  void aPreflightIsAnsweredForAllowedOrigins() throws Exception {
    try (var client = new RawClient(hub.port())) {
      client.send(preflight("https://friend", "POST"));
      var allowed = client.answer();
      assertEquals(204, allowed.status());
      assertEquals("https://friend", allowed.headers().get("access-control-allow-origin"));
      client.send(preflight("https://stranger", "POST"));
      assertEquals(403, client.answer().status());
      client.send(preflight("https://stranger", "GET"));
      var subscribing = client.answer();
      assertEquals("*", subscribing.headers().get("access-control-allow-origin"));
      assertEquals(null, subscribing.headers().get("access-control-allow-credentials"));
    }
    try (var stranger = RawClient.subscribe(hub.port(), "/events/a", "Origin: https://stranger")) {
      assertEquals("*", stranger.headers().get("access-control-allow-origin"));
    }
  }

  @Test
  void theSameKeyIsAnsweredTheSameAndDeliveredOnce() throws Exception {
    String batch = "{\"topic\":\"a\",\"data\":1}\n{\"topic\":\"b\",\"data\":2}";
    String first = post("/events", batch, "Idempotency-Key: k").body();
    assertEquals(first, post("/events", batch, "Idempotency-Key: k").body());
    assertEquals(2, new JsonObject(first).getJsonArray("ids").size());
    post("/events/c?id=7&once", "3");
    var again = new JsonObject(post("/events/c?id=7&once=true", "3").body());
    assertEquals("7", again.getString("id"));
    post(
        "/events?once",
        "{\"topic\":\"c\",\"data\":3,\"id\":\"7\"}{\"topic\":\"d\",\"data\":4,\"id\":\"8\"}");
    var received = all.await(4).stream().map(EventStreamParser.ReceivedEvent::data).toList();
    assertEquals(List.of("1", "2", "3", "4"), received);
  }

  @ParameterizedTest
  @CsvSource({
    "/events/a, Idempotency-Key:, Idempotency-Key, must not be empty",
    "/events/a?once, X: y, id, 'must be given, since once compares ids'",
    "/events/a?once=maybe&id=1, X: y, once, 'must have no value, or true'"
  })
  void anInvalidIdempotencyRequestIsRejected(
      String target, String header, String field, String rule) throws Exception {
    Answer refused = post(target, "1", header);
    assertEquals(400, refused.status());
    assertEquals(field, new JsonObject(refused.body()).getString("field"));
    assertEquals(rule, new JsonObject(refused.body()).getString("rule"));
  }

  @Test
  void aKeyReusedForOtherEventsIsRejected() throws Exception {
    assertEquals(200, post("/events/a", "1", "Idempotency-Key: k").status());
    Answer refused = post("/events/a", "2", "Idempotency-Key: k");
    assertEquals(400, refused.status());
    assertEquals("Idempotency-Key", new JsonObject(refused.body()).getString("field"));
  }

  private static String preflight(String origin, String method) {
    return "OPTIONS /events/a HTTP/1.1\r\nHost: localhost\r\nOrigin: "
        + origin
        + "\r\nAccess-Control-Request-Method: "
        + method
        + "\r\n\r\n";
  }
}
