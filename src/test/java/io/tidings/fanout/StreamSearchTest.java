package io.tidings.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.auth.Grants;
import io.tidings.auth.Principal;
import io.tidings.event.Filter;
import io.tidings.event.ResumeRequest;
import io.tidings.event.TopicPattern;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StreamSearchTest {
  private TestLoop loop;

  @BeforeEach
  void open() throws Exception {
    loop = new TestLoop();
  }

  @AfterEach
  void close() throws Exception {
    loop.close();
  }

  private static Principal named(String subject) {
    return new Principal("issuer", subject, Grants.ALL, Optional.empty(), Optional.empty());
  }

  private Subscriber stream(Principal who, String topic) throws Exception {
    var opened = new Subscriber[1];
    loop.run(
        () ->
            opened[0] =
                loop.openNow(who, Filter.of(topic), new FakeOutlet(), new ResumeRequest.Live()));
    return opened[0];
  }

  private static StreamQuery all(int limit) {
    return of(new JsonObject().put("limit", limit));
  }

  private static StreamQuery of(JsonObject json) {
    return StreamQuery.of(json);
  }

  private StreamPage list(StreamQuery query) throws Exception {
    return get(loop.streams().list(query));
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private List<String> subjects(JsonObject query) throws Exception {
    return list(of(query.put("limit", 100))).streams().stream()
        .map(info -> info.principal().subject())
        .sorted()
        .toList();
  }

  @Test
  void aStreamIsDescribed() throws Exception {
    long before = System.currentTimeMillis();
    Subscriber stream = stream(named("alice"), "orders.*");
    StreamInfo info = list(all(10)).streams().get(0);
    assertEquals(stream.handle(), info.handle());
    assertNotEquals(stream.id().toString(), info.handle().toString());
    assertTrue(info.since().toEpochMilli() >= before);
    JsonObject json = info.json();
    assertEquals("issuer", json.getString("issuer"));
    assertEquals("alice", json.getString("subject"));
    assertEquals(List.of("orders.*"), json.getJsonArray("topics").getList());
    assertEquals("stream", json.getString("format"));
    assertEquals("{\"entries\":0,\"seconds\":0.0}", json.getJsonObject("behind").encode());
    assertFalse(json.encode().contains(stream.id().toString()));
  }

  @Test
  void ofManyTopicsTheFirstTenAreShown() throws Exception {
    var topics = new ArrayList<String>();
    for (int i = 10; i < 35; i++) {
      topics.add("t" + i);
    }
    loop.join(Filter.of(topics));
    JsonObject json = list(all(1)).streams().get(0).json();
    assertEquals(topics.subList(0, 10), json.getJsonArray("topics").getList());
    assertEquals(15, json.getInteger("more_topics"));
  }

  @Test
  void streamsAreSelectedByIssuerSubjectAndTopic() throws Exception {
    stream(named("alice"), "orders.new");
    stream(named("bob"), "orders.*");
    stream(Principal.HUB, "news");
    assertEquals(List.of("alice"), subjects(new JsonObject().put("subject", "alice")));
    assertEquals(List.of("alice", "bob"), subjects(new JsonObject().put("issuer", "issuer")));
    assertEquals(List.of(""), subjects(new JsonObject().put("subject", "")));
    assertEquals(List.of("alice", "bob"), subjects(new JsonObject().put("topic", "orders.new")));
    assertEquals(List.of("bob"), subjects(new JsonObject().put("topic", "orders.old")));
    assertEquals(List.of("alice", "bob"), subjects(new JsonObject().put("topic", "orders.**")));
    assertEquals(List.of(), subjects(new JsonObject().put("topic", "other")));
    assertEquals(List.of(), subjects(new JsonObject().put("subject", "bob").put("topic", "news")));
  }

  @Test
  void streamsAreSelectedByHowFarTheyAreBehind() throws Exception {
    var slow = new FakeOutlet();
    loop.run(
        () -> loop.openNow(named("slow"), Filter.of("orders"), slow, new ResumeRequest.Live()));
    stream(named("live"), "orders");
    slow.block(Outlet.MAX_UNSENT);
    loop.publish("orders", "1", "2", "3");
    loop.receive();
    loop.publish("orders", "4");
    loop.receive();
    loop.advance(Duration.ofSeconds(7));
    StreamPage behind = list(of(new JsonObject().put("limit", 5).put("behind", 0)));
    assertEquals(1, behind.streams().size());
    StreamInfo info = behind.streams().get(0);
    assertEquals("slow", info.principal().subject());
    assertTrue(info.lag() > 0, info::toString);
    assertEquals(7_000, info.behindMillis());
    assertEquals(List.of(), list(of(new JsonObject().put("limit", 5).put("behind", 9))).streams());
  }

  @Test
  void theQuestionToAnotherNodeIsTheQuery() {
    var query =
        new StreamQuery(
            StreamHandle.parse("AAAAAAAAAAAAAAAAAAAAAA"),
            7,
            Optional.of("issuer"),
            Optional.of(""),
            Optional.of(new TopicPattern("a.*")),
            Optional.of(5L));
    assertEquals(query, StreamQuery.of(new JsonObject(query.json().encode())));
    StreamQuery all = all(3);
    assertEquals(all, StreamQuery.of(new JsonObject(all.json().encode())));
  }

  /** Pages that follow each other, while other streams come and go. */
  @Test
  void aStreamThatStaysIsOnExactlyOnePage() throws Exception {
    long seed = System.nanoTime();
    var random = new Random(seed);
    var staying = new HashSet<StreamHandle>();
    for (int i = 0; i < 700; i++) {
      staying.add(stream(named("stays"), "a").handle());
    }
    var going = new ArrayList<Subscriber>();
    for (int i = 0; i < 300; i++) {
      going.add(stream(named("goes"), "a"));
    }
    var seen = new ArrayList<StreamHandle>();
    Optional<StreamHandle> after = Optional.empty();
    boolean more = true;
    while (more) {
      var query =
          new StreamQuery(
              after,
              1 + random.nextInt(200),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty());
      StreamPage page = list(query);
      assertTrue(page.streams().size() <= query.limit());
      page.streams().stream()
          .filter(info -> info.principal().subject().equals("stays"))
          .forEach(info -> seen.add(info.handle()));
      more = page.more();
      after = page.streams().stream().reduce((one, other) -> other).map(StreamInfo::handle);
      loop.run(() -> going.remove(random.nextInt(going.size())).leave(CloseReason.CLIENT));
      stream(named("comes"), "a");
    }
    assertEquals(staying.size(), seen.size(), "seed " + seed);
    assertEquals(staying, new HashSet<>(seen), "seed " + seed);
    assertEquals(seen.stream().sorted().toList(), seen, "seed " + seed);
  }

  @Test
  void withoutStreamsThePageIsEmpty() throws Exception {
    StreamPage page = list(all(1));
    assertEquals(List.of(), page.streams());
    assertFalse(page.more());
  }

  @Test
  void theStreamOfAHandleIsEnded() throws Exception {
    Subscriber one = stream(named("alice"), "a");
    Subscriber other = stream(named("alice"), "a");
    assertEquals(
        "alice",
        get(loop.streams().end(one.handle(), CloseReason.REVOKED))
            .orElseThrow()
            .principal()
            .subject());
    assertTrue(one.left());
    assertFalse(other.left());
    assertTrue(get(loop.streams().end(one.handle(), CloseReason.REVOKED)).isEmpty());
    assertTrue(
        get(loop.streams()
                .end(
                    new StreamHandle(other.handleHigh(), other.handle().low() + 1),
                    CloseReason.REVOKED))
            .isEmpty());
  }
}
