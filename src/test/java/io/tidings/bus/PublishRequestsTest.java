package io.tidings.bus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.CapturedLog;
import io.tidings.access.ClientGuard;
import io.tidings.auth.Authenticator;
import io.tidings.auth.TokenSigner;
import io.tidings.event.Event;
import io.tidings.event.Topic;
import io.tidings.event.Visibility;
import io.tidings.log.Entry;
import io.tidings.log.EventLog;
import io.tidings.log.Retention;
import io.tidings.log.SynchronousLog;
import io.tidings.logging.Logging;
import io.tidings.metrics.Metrics;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The event bus as a door, where it is one with other processes that are not trusted. */
class PublishRequestsTest {
  private final Vertx vertx = Vertx.vertx();
  private Publisher alice;
  private Publisher bob;
  private final EventLog log =
      new SynchronousLog(new Retention(0, Duration.ZERO, 0), Duration.ZERO, InstantSource.system());
  private final List<Entry> appended = new CopyOnWriteArrayList<>();
  private final AtomicLong now = new AtomicLong();
  private final Metrics metrics = new Metrics();
  private final CapturedLog audit = new CapturedLog(Logging.AUDIT);
  @TempDir private Path dir;
  private PublishRequests requests;

  @BeforeEach
  void serve() throws Exception {
    log.follow(appended::addAll);
    Settings settings =
        Settings.of(
            Map.of(
                "auth.mode", "required",
                "auth.anonymous.publish", "public.**",
                "limits.topic", "20",
                "limits.client.publishes", "2",
                "limits.client.bytes", "1KiB",
                "limits.client.logins", "3",
                "logging.audit", "all"));
    TokenSigner signer = TokenSigner.of(settings.auth(), dir);
    alice = new Publisher(vertx).withToken(token(signer, "alice"));
    bob = new Publisher(vertx).withToken(token(signer, "bob"));
    Authenticator authenticator = get(Authenticator.create(vertx, settings.auth(), dir));
    requests =
        new PublishRequests(
            vertx, new Intake(log, settings.limits()), ClientGuard.of(settings, metrics, now::get));
    get(requests.serveOwn());
    get(requests.serve(new BusPrincipals(authenticator, false)));
  }

  private static String token(TokenSigner signer, String subject) {
    return signer.sign(
        new TokenSigner.Content(
            subject, List.of(), List.of("orders", subject), false, TokenSigner.Presence.NONE),
        Instant.now(),
        Duration.ofMinutes(5));
  }

  @AfterEach
  void close() throws Exception {
    audit.close();
    get(vertx.close());
    metrics.close();
  }

  private double counted(String series) {
    return metrics
        .text()
        .lines()
        .filter(line -> line.startsWith(series + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
        .findFirst()
        .orElseThrow();
  }

  private double answered(String outcome) {
    return counted("tidings_requests_total{door=\"bus\",outcome=\"" + outcome + "\"}");
  }

  private List<String> audited(String... names) {
    return audit.lines().stream()
        .map(JsonObject::new)
        .map(
            line ->
                Stream.of(names)
                    .map(name -> line.getString(name, "-"))
                    .collect(Collectors.joining(" ")))
        .toList();
  }

  private void assertLimited(String limit, Publisher publisher, Event event) {
    ReplyException refused = refused(publisher, event);
    assertEquals(429, refused.failureCode());
    assertTrue(
        refused.getMessage().startsWith("limits.client." + limit + ": at most "),
        refused.getMessage());
  }

  @Test
  void aPrincipalThatPublishesTooMuchIsRefusedUntilItHasWaited() throws Exception {
    for (int i = 0; i < 4; i++) {
      get(alice.publish(Event.of("orders", "1")));
    }
    assertLimited("publishes", alice, Event.of("orders", "2"));
    get(bob.publish(Event.of("orders", "3")));
    get(new Publisher(vertx).publish(Event.of("public.a", "4")));
    now.addAndGet(Duration.ofSeconds(1).toNanos());
    get(alice.publish(Event.of("orders", "5")));
    assertEquals(7, appended.size());
    assertEquals(7, answered("ok"));
    assertEquals(1, answered("limited"));
    assertEquals(1, counted("tidings_refusals_total{reason=\"publishes\"}"));
  }

  @Test
  void allSendersWithoutATokenShareOneLimit() throws Exception {
    for (int i = 0; i < 4; i++) {
      get(new Publisher(vertx).publish(Event.of("public." + i, "1")));
    }
    assertLimited("publishes", new Publisher(vertx), Event.of("public.a", "2"));
    assertEquals(4, appended.size());
  }

  @Test
  void theBytesOfARequestCount() throws Exception {
    get(alice.publish(Event.of("orders", "x".repeat(3_000))));
    assertLimited("bytes", alice, Event.of("orders", "2"));
    get(bob.publish(Event.of("orders", "3")));
  }

  @Test
  void whatIsRefusedForAnotherReasonDoesNotCount() throws Exception {
    for (int i = 0; i < 10; i++) {
      assertEquals(403, refused(alice, Event.of("bob", "x")).failureCode());
      assertEquals(400, refused(alice, Event.of("o".repeat(21), "x")).failureCode());
    }
    get(alice.publish(Event.of("orders", "1")));
  }

  @Test
  void tooManyInvalidTokensLockOutOnlyTokensThatAreNotKnown() throws Exception {
    get(alice.publish(Event.of("alice", "1")));
    for (int i = 0; i < 3; i++) {
      assertEquals(
          401,
          refused(new Publisher(vertx).withToken("x.y." + i), Event.of("public.a", "1"))
              .failureCode());
    }
    assertLimited("logins", new Publisher(vertx).withToken("x.y.z"), Event.of("public.a", "1"));
    assertLimited("logins", bob, Event.of("bob", "1"));
    get(alice.publish(Event.of("alice", "2")));
    get(new Publisher(vertx).publish(Event.of("public.a", "3")));
    now.addAndGet(Duration.ofMinutes(1).toNanos());
    get(bob.publish(Event.of("bob", "4")));
    assertEquals(3, counted("tidings_refusals_total{reason=\"token\"}"));
    assertEquals(2, counted("tidings_refusals_total{reason=\"logins\"}"));
    assertEquals(3, answered("refused"));
    assertEquals(2, answered("limited"));
  }

  @Test
  void decisionsAreLoggedAndCountedWithoutATokenOrData() throws Exception {
    get(alice.publish(Event.of("orders", "sesame")));
    refused(alice, Event.of("bob", "sesame"));
    refused(new Publisher(vertx), Event.of("orders", "sesame"));
    refused(new Publisher(vertx).withToken("sesame"), Event.of("orders", "1"));
    var both = new Event(List.of("public.a", "public.b"), "", "", Event.NO_RETRY, "sesame");
    get(new Publisher(vertx).publish(both));
    refused(new Publisher(vertx), new Event(List.of("o".repeat(21)), "", "", -1, "sesame"));
    assertEquals(
        List.of(
            "bus alice - allowed -", // its login
            "bus alice orders allowed -",
            "bus alice bob refused publish",
            "bus - orders refused no_token",
            "bus - - refused token",
            "bus - public.a public.b allowed -"),
        audited("door", "subject", "topic", "decision", "reason"));
    assertFalse(audit.contains("sesame"), audit.lines().toString());
    assertFalse(audit.contains("address"), audit.lines().toString());
    assertEquals(2, answered("ok"));
    assertEquals(3, answered("refused"));
    assertEquals(1, answered("invalid"));
    for (String reason : List.of("publish", "no_token", "token")) {
      assertEquals(1, counted("tidings_refusals_total{reason=\"" + reason + "\"}"), reason);
    }
  }

  @Test
  void theHubsOwnVerticlesAreNeitherLimitedNorCounted() throws Exception {
    for (int i = 0; i < 20; i++) {
      get(Publisher.toLocalHub(vertx).publish(Event.of("orders", "x".repeat(3_000))));
    }
    assertEquals(20, appended.size());
    assertEquals(0, answered("ok"));
    assertEquals(List.of(), audit.lines());
  }

  @Test
  void aRequestNeedsAGrantOnItsTopic() throws Exception {
    get(new Publisher(vertx).publish(Event.of("public.a", "1")));
    var refused = refused(new Publisher(vertx), Event.of("orders", "2"));
    assertEquals(403, refused.failureCode());
    assertEquals("topic: must be one that is granted (publish): orders", refused.getMessage());
    assertEquals(1, appended.size());
  }

  @Test
  void anEventOnTheBusMayBePrivate() throws Exception {
    get(new Publisher(vertx).publish(Event.of("public.a", "1").with(Visibility.PRIVATE)));
    get(new Publisher(vertx).publish(Event.of("public.a", "2")));
    assertEquals(
        List.of(Visibility.PRIVATE, Visibility.PUBLIC),
        appended.stream().map(entry -> entry.event().visibility()).toList());
    var wrong = new JsonObject().put("topic", "public.a").put("data", "3").put("private", "yes");
    var refused =
        assertThrows(
            ExecutionException.class, () -> get(vertx.eventBus().request(Address.PUBLISH, wrong)));
    assertEquals("private: must be true or false", refused.getCause().getMessage());
    assertEquals(2, appended.size());
  }

  @Test
  void anInvalidTokenIsRefusedEvenWhereNoneIsNeeded() {
    var publisher = new Publisher(vertx).withToken("x.y.z");
    assertEquals(401, refused(publisher, Event.of("public.a", "1")).failureCode());
    assertEquals(List.of(), appended);
  }

  @Test
  void theHubsOwnVerticlesPublishEverything() throws Exception {
    get(Publisher.toLocalHub(vertx).publish(Event.of("orders", "1")));
    assertEquals("orders", appended.get(0).event().topic());
  }

  @Test
  void onlyTheHubsOwnVerticlesPublishToTheHubsLogAndToNoOtherTopicOfItsOwn() throws Exception {
    var line = Event.of(Topic.LOG, "{}");
    get(Publisher.toLocalHub(vertx).publish(line));
    assertEquals(List.of(line), appended.stream().map(Entry::event).toList());
    for (var publisher : List.of(alice, new Publisher(vertx))) {
      var refused = refused(publisher, line);
      assertEquals(400, refused.failureCode());
      assertEquals("topic: must not begin with hub., which is reserved", refused.getMessage());
    }
    for (var topics : List.of(List.of("hub.stats"), List.of(Topic.LOG, "a"), List.of("hub"))) {
      var event = new Event(topics, "", "", Event.NO_RETRY, "");
      assertEquals(400, refused(Publisher.toLocalHub(vertx), event).failureCode());
    }
    var large = Event.of(Topic.LOG, "x".repeat((1 << 20) + 1));
    assertEquals(400, refused(Publisher.toLocalHub(vertx), large).failureCode());
    assertEquals(1, appended.size());
  }

  @Test
  void nobodyAnswersAfterTheStop() throws Exception {
    get(requests.stop());
    var request = vertx.eventBus().request(Address.PUBLISH, "text");
    var failure = assertThrows(ExecutionException.class, () -> get(request));
    assertEquals(ReplyFailure.NO_HANDLERS, ((ReplyException) failure.getCause()).failureType());
  }

  private static ReplyException refused(Publisher publisher, Event event) {
    var failure = assertThrows(ExecutionException.class, () -> get(publisher.publish(event)));
    return (ReplyException) failure.getCause();
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(15, TimeUnit.SECONDS);
  }
}
