package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Event;
import io.tidings.event.Filter;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Publication;
import io.tidings.event.ResumeRequest;
import io.tidings.log.Gap;
import io.tidings.settings.InvalidSetting;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** A hub within an application: its life, publishing, and subscribing in process. */
class HubTest {
  private static final Map<String, ?> IN_MEMORY = Map.of("log", Map.of("kind", "memory"));
  private static final Filter NEWS = Filter.of("news.**");

  private final Vertx vertx = Vertx.vertx();
  private final List<String> received = new CopyOnWriteArrayList<>();

  @TempDir private Path directory;

  @AfterEach
  void close() throws Exception {
    get(vertx.close());
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(15, TimeUnit.SECONDS);
  }

  private static Throwable failure(Future<?> future) {
    return assertThrows(ExecutionException.class, () -> get(future)).getCause();
  }

  private Hub open() throws Exception {
    return get(Hub.open(vertx, IN_MEMORY));
  }

  private Map<String, ?> onDisk() {
    return Map.of("log", Map.of("dir", directory.toString()));
  }

  private void receive(StoredEvent stored) {
    received.add(stored.event().data());
  }

  private void publish(Hub hub, int from, int to) throws Exception {
    for (int i = from; i < to; i++) {
      get(hub.publish(Event.of("news.de", "" + i)));
    }
  }

  private void awaitReceived(String... data) {
    Wait.until("received is " + received, () -> received.equals(List.of(data)));
  }

  @Test
  void whatIsPublishedIsReceivedInOrder() throws Exception {
    Hub hub = open();
    get(hub.subscribe(NEWS, new ResumeRequest.Live(), this::receive));
    publish(hub, 0, 3);
    get(hub.publish(Event.of("weather", "is not news")));
    publish(hub, 3, 4);
    awaitReceived("0", "1", "2", "3");
  }

  @Test
  void aBatchIsPublishedOnceForItsKey() throws Exception {
    Hub hub = open();
    var batch =
        new Publication(List.of(Event.of("news", "a"), Event.of("news", "b")), "the key", false);
    List<String> ids = get(hub.publish(batch));
    assertEquals(2, ids.size());
    assertEquals(ids, get(hub.publish(batch)));
  }

  @Test
  void settingsMayBeDurationsAndPaths() throws Exception {
    Map<String, Object> log =
        Map.of("dir", directory.resolve("typed"), "keep", Map.of("age", Duration.ofDays(366)));
    Hub hub = get(Hub.open(vertx, Map.of("log", log)));
    publish(hub, 0, 1);
    assertTrue(Files.exists(directory.resolve("typed")));
    var tooFine = Map.of("stream.drain", Duration.ofNanos(500));
    Throwable refusal = failure(Hub.open(vertx, tooFine));
    assertTrue(refusal.getMessage().contains("must be a number of milliseconds"), "" + refusal);
  }

  @Test
  void whatIsMissingIsNamed() throws Exception {
    Hub hub = open();
    var from = new ResumeRequest.Live();
    List<Executable> calls =
        List.of(
            () -> hub.publish((Event) null),
            () -> hub.publish((Publication) null),
            () -> hub.subscribe(null, from),
            () -> hub.subscribe(NEWS, null),
            () -> Hub.open(null, IN_MEMORY),
            () -> Hub.open(vertx, (Map<String, ?>) null));
    List<String> names = new ArrayList<>();
    calls.forEach(call -> names.add(assertThrows(NullPointerException.class, call).getMessage()));
    assertEquals(List.of("event", "publication", "filter", "from", "vertx", "settings"), names);
  }

  @Test
  void anyAgeCanBeAskedFor() throws Exception {
    Hub hub = open();
    publish(hub, 0, 1);
    var ever = new ResumeRequest.Since(Duration.ofSeconds(Long.MAX_VALUE));
    get(hub.subscribe(NEWS, ever, this::receive));
    awaitReceived("0");
    assertThrows(
        IllegalArgumentException.class, () -> new ResumeRequest.Since(Duration.ofSeconds(-1)));
  }

  @Test
  void anInvalidEventFailsWithItsFieldAndRule() throws Exception {
    Throwable failure = failure(open().publish(Event.of("hub.log", "reserved")));
    assertEquals("topic", assertInstanceOf(InvalidEvent.class, failure).field());
  }

  @Test
  void aSubscriptionIsResumedAfterAnIdAlsoInTheNextLifeOfTheHub() throws Exception {
    Hub hub = get(Hub.open(vertx, onDisk()));
    List<StoredEvent> before = new CopyOnWriteArrayList<>();
    Subscription first = get(hub.subscribe(NEWS, new ResumeRequest.Earliest(), before::add));
    publish(hub, 0, 2);
    Wait.until("both are received", () -> before.size() == 2);
    get(first.close());
    get(hub.publish(Event.of("news.de", "meanwhile")));
    get(hub.close());

    Hub next = get(Hub.open(vertx, onDisk()));
    get(next.subscribe(NEWS, new ResumeRequest.After(before.get(1).id()), this::receive));
    awaitReceived("meanwhile");
  }

  @Test
  void aPausedSubscriptionReceivesNothingUntilItIsResumedAndThenEverything() throws Exception {
    Hub hub = open();
    Subscription stream = get(hub.subscribe(NEWS, new ResumeRequest.Live()));
    stream.pause().handler(this::receive);
    publish(hub, 0, 5);
    stream.fetch(2);
    awaitReceived("0", "1");
    stream.resume();
    awaitReceived("0", "1", "2", "3", "4");
  }

  @Test
  void aHandlerThatPausesItsStreamReceivesOneEvent() throws Exception {
    Hub hub = open();
    Subscription stream = get(hub.subscribe(NEWS, new ResumeRequest.Earliest()));
    publish(hub, 0, 3);
    stream.handler(
        stored -> {
          receive(stored);
          stream.pause();
        });
    awaitReceived("0");
    stream.fetch(1);
    awaitReceived("0", "1");
  }

  @Test
  void aHandlerThatFailsDoesNotEndTheStream() throws Exception {
    Hub hub = open();
    var failures = new CopyOnWriteArrayList<Throwable>();
    vertx.exceptionHandler(failures::add);
    get(
        hub.subscribe(
            NEWS,
            new ResumeRequest.Live(),
            stored -> {
              receive(stored);
              throw new IllegalStateException("of the handler");
            }));
    publish(hub, 0, 2);
    awaitReceived("0", "1");
    Wait.until("both failures are reported", () -> failures.size() == 2);
  }

  @Test
  void eventsThatRetentionRemovedAreReportedAsAGapBeforeTheNextOne() throws Exception {
    Hub hub =
        get(Hub.open(vertx, Map.of("log", Map.of("kind", "memory", "keep", Map.of("entries", 2)))));
    String first = get(hub.publish(Event.of("news", "0")));
    publish(hub, 1, 5);
    Subscription stream = get(hub.subscribe(NEWS, new ResumeRequest.After(first)));
    stream.gapHandler(gap -> received.add(gap.reason().word())).handler(this::receive);
    awaitReceived("removed", "3", "4");
    Subscription unknown = get(hub.subscribe(NEWS, new ResumeRequest.After("nobody's id")));
    var gap = new AtomicReference<Gap>();
    unknown.gapHandler(gap::set).handler(this::receive);
    Wait.until("the gap is reported", () -> gap.get() != null);
    assertEquals(Gap.Reason.UNKNOWN, gap.get().reason());
  }

  @Test
  void aGapWhilePausedIsReportedToo() throws Exception {
    Hub hub =
        get(Hub.open(vertx, Map.of("log", Map.of("kind", "memory", "keep", Map.of("entries", 2)))));
    Subscription stream = get(hub.subscribe(NEWS, new ResumeRequest.Live()));
    stream.gapHandler(gap -> received.add(gap.reason().word())).handler(this::receive);
    publish(hub, 0, 1);
    awaitReceived("0");
    stream.pause();
    publish(hub, 1, 9);
    stream.resume();
    Wait.until("the newest is received", () -> received.contains("8"));
    assertEquals("removed", received.get(received.size() - 3), received::toString);
  }

  @Test
  void aClosedSubscriptionReceivesNoMore() throws Exception {
    Hub hub = open();
    Subscription closed = get(hub.subscribe(NEWS, new ResumeRequest.Live(), this::receive));
    publish(hub, 0, 1);
    awaitReceived("0");
    get(closed.close());
    List<String> others = new CopyOnWriteArrayList<>();
    get(hub.subscribe(NEWS, new ResumeRequest.Live(), stored -> others.add("" + stored)));
    publish(hub, 1, 2);
    Wait.until("another one receives", () -> others.size() == 1);
    awaitReceived("0");
  }

  @Test
  void closingTheHubEndsItsSubscriptions() throws Exception {
    Hub hub = open();
    Subscription stream = get(hub.subscribe(NEWS, new ResumeRequest.Live()));
    stream.endHandler(end -> received.add("end")).handler(this::receive);
    get(hub.close());
    awaitReceived("end");
    assertInstanceOf(
        IllegalStateException.class, failure(hub.subscribe(NEWS, new ResumeRequest.Live())));
    get(hub.close());
    assertTrue(vertx.deploymentIDs().isEmpty());
  }

  @Test
  void aSubscriptionThatHadNoEndHandlerWhenItsHubWasClosedTellsOneThatComesLater()
      throws Exception {
    Hub hub = open();
    Subscription stream = get(hub.subscribe(NEWS, new ResumeRequest.Live()));
    Subscription closed = get(hub.subscribe(NEWS, new ResumeRequest.Live()));
    get(closed.close());
    get(hub.close());
    closed.endHandler(end -> received.add("end of one that was closed before"));
    stream.endHandler(end -> received.add("end"));
    awaitReceived("end");
  }

  @Test
  void twoHubsOfOneVertxHaveLogsOfTheirOwn() throws Exception {
    Hub first = get(Hub.open(vertx, onDisk()));
    Hub second = open();
    get(first.subscribe(NEWS, new ResumeRequest.Earliest(), this::receive));
    get(second.publish(Event.of("news", "of the second")));
    get(first.publish(Event.of("news", "of the first")));
    awaitReceived("of the first");
    get(second.close());
    get(first.publish(Event.of("news", "goes on")));
    awaitReceived("of the first", "goes on");
  }

  @Test
  void twoHubsOfOneVertxCannotBothServeTheEventBus() throws Exception {
    Map<String, ?> onBus = Map.of("log.kind", "memory", "bus.publish", "grants");
    Hub first = get(Hub.open(vertx, onBus));
    Throwable failure = failure(Hub.open(vertx, onBus));
    assertTrue(
        failure.getMessage().startsWith("bus.publish=grants: must be off"), failure::toString);
    JsonObject event = new JsonObject().put("topic", "news").put("data", "by the bus");
    assertNotEquals("", get(vertx.eventBus().<String>request("tidings.publish", event)).body());
    get(first.close());
    get(get(Hub.open(vertx, onBus)).close());
  }

  @Test
  void twoHubsCannotHaveOneDirectory() throws Exception {
    get(Hub.open(vertx, onDisk()));
    Throwable failure = failure(Hub.open(vertx, onDisk()));
    assertTrue(failure.getMessage().startsWith("log.dir=" + directory), failure::toString);
  }

  /** Deploys a verticle that does this when it starts; returns its id. */
  private String deploy(Supplier<Future<?>> start) throws Exception {
    return get(
        vertx.deployVerticle(
            new VerticleBase() {
              @Override
              public Future<?> start() {
                return start.get();
              }
            }));
  }

  @Test
  void theHubIsClosedWithTheVerticleThatOpenedIt() throws Exception {
    var hub = new AtomicReference<Hub>();
    String id =
        deploy(() -> Hub.open(vertx, new JsonObject(Map.copyOf(onDisk()))).onSuccess(hub::set));
    get(hub.get().publish(Event.of("news", "before")));
    get(vertx.undeploy(id));
    assertTrue(vertx.deploymentIDs().isEmpty());
    get(get(Hub.open(vertx, onDisk())).close()); // the directory is free again
    get(hub.get().close());
  }

  @Test
  void closingAgainWaitsForTheEnd() throws Exception {
    Hub hub = get(Hub.open(vertx, onDisk()));
    Future<Void> first = hub.close();
    get(hub.close());
    get(first);
    get(Hub.open(vertx, onDisk()));
  }

  @Test
  void aSubscriptionEndsWithTheVerticleThatOpenedIt() throws Exception {
    Hub hub = get(Hub.open(vertx, onDisk()));
    var received = new CopyOnWriteArrayList<String>();
    String id =
        deploy(
            () ->
                hub.subscribe(
                    Filter.of("news"),
                    new ResumeRequest.Live(),
                    stored -> received.add(stored.event().data())));
    get(hub.publish(Event.of("news", "before")));
    Wait.until("it is received", () -> received.equals(List.of("before")));
    get(vertx.undeploy(id));
    get(hub.publish(Event.of("news", "after")));
    get(hub.subscribe(Filter.of("news"), new ResumeRequest.Live()));
    assertEquals(List.of("before"), received);
  }

  @Test
  void theHubIsClosedWithItsVertx() throws Exception {
    var other = Vertx.vertx();
    get(Hub.open(other, onDisk()));
    get(other.close());
    get(Hub.open(vertx, onDisk()));
  }

  @Test
  void settingsThatCannotBeUsedFailWithTheirName() {
    assertSetting("log.kind", Map.of("log", Map.of("kind", "paper")));
    assertSetting("log.dirr", Map.of("log", Map.of("dirr", "data")));
    assertSetting("log", Map.of("log", "data"));
    assertSetting("http.port", Map.of("http", Map.of("port", 8080)));
    assertSetting("producer.clock", Map.of("producer.clock", "off"));
    assertSetting("role", Map.of("role", "all"));
    assertSetting("scenes", Map.of("scenes", true));
    assertSetting("log.kind", Map.of("log.kind", "raft"));
    assertSetting("log.kind", Map.of("log.kind", "memory", "log", Map.of("kind", "memory")));
  }

  private void assertSetting(String name, Map<String, ?> settings) {
    Throwable failure = failure(Hub.open(vertx, settings));
    assertInstanceOf(InvalidSetting.class, failure, failure::toString);
    assertTrue(failure.getMessage().startsWith(name + "="), failure::getMessage);
  }

  @Test
  void aRouterForEverybodyNeedsAnOpenHub() throws Exception {
    Hub hub = open();
    InvalidSetting refused = assertThrows(InvalidSetting.class, hub::router);
    assertTrue(
        refused.getMessage().startsWith("auth.mode=auto: must be open"), refused::getMessage);
    get(Hub.open(vertx, Map.of("log.kind", "memory", "auth", Map.of("mode", "open")))).router();
  }

  @Test
  void anOpenHubReadsWhatIsOlder() throws Exception {
    Hub hub = open();
    publish(hub, 0, 3);
    get(hub.subscribe(NEWS, new ResumeRequest.Since(Duration.ofMinutes(1)), this::receive));
    awaitReceived("0", "1", "2");
  }
}
