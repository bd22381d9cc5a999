package io.tidings.bus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidings.auth.Authenticator;
import io.tidings.event.Event;
import io.tidings.event.Visibility;
import io.tidings.log.Entry;
import io.tidings.log.EventLog;
import io.tidings.log.Retention;
import io.tidings.log.SynchronousLog;
import io.tidings.settings.LimitSettings;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The event bus as a door, where it is one with other processes that are not trusted. */
class PublishRequestsTest {
  private final Vertx vertx = Vertx.vertx();
  private final EventLog log =
      new SynchronousLog(new Retention(0, Duration.ZERO, 0), Duration.ZERO, InstantSource.system());
  private final List<Entry> appended = new CopyOnWriteArrayList<>();
  private final PublishRequests requests =
      new PublishRequests(
          vertx, new Intake(log, new LimitSettings(100, 10, 20, LimitSettings.Client.UNLIMITED)));

  @BeforeEach
  void serve() throws Exception {
    log.follow(appended::addAll);
    Settings settings =
        Settings.of(
            Map.of(
                "auth.mode", "required",
                "auth.secret", "none",
                "auth.anonymous.publish", "public.**"));
    Authenticator authenticator = get(Authenticator.create(vertx, settings.auth(), Path.of("")));
    get(requests.serveOwn());
    get(requests.serve(new BusPrincipals(authenticator, false)));
  }

  @AfterEach
  void close() throws Exception {
    get(vertx.close());
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
