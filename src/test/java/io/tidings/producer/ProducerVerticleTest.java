package io.tidings.producer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Pacing;
import io.tidings.Wait;
import io.tidings.bus.Address;
import io.tidings.bus.Publisher;
import io.tidings.settings.InvalidSetting;
import io.tidings.settings.ProducerSettings;
import io.tidings.settings.ProducerSettings.Timer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProducerVerticleTest {
  private static final Duration OFTEN = Duration.ofMillis(5);
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678901Z");

  private final Vertx vertx = Vertx.vertx();
  private final List<JsonObject> published = new CopyOnWriteArrayList<>();

  @BeforeEach
  void receive() {
    vertx
        .eventBus()
        .<JsonObject>consumer(Address.PUBLISH)
        .handler(
            request -> {
              published.add(request.body());
              request.reply("id");
            });
  }

  @AfterEach
  void close() throws Exception {
    get(vertx.close());
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private String deploy(ProducerSettings settings, InputStream console, BooleanSupplier leads)
      throws Exception {
    return deploy(settings, console, InstantSource.fixed(NOW), leads);
  }

  private String deploy(
      ProducerSettings settings, InputStream console, InstantSource clock, BooleanSupplier leads)
      throws Exception {
    return get(
        vertx.deployVerticle(
            new ProducerVerticle(settings, console, clock, leads, Publisher::new)));
  }

  private static ProducerSettings timer(Timer timer) {
    return new ProducerSettings(Duration.ZERO, false, List.of(timer));
  }

  @Test
  void theClockPublishesTheTimeOfItsInstantSource() throws Exception {
    deploy(
        new ProducerSettings(OFTEN, false, List.of()), InputStream.nullInputStream(), () -> true);
    Wait.until("the clock ticks twice", () -> published.size() >= 2);
    JsonObject tick = published.get(0);
    assertEquals("clock", tick.getJsonArray("topic").getString(0));
    var data = new JsonObject(tick.getString("data"));
    assertEquals("2026-01-02T03:04:05.678Z", data.getString("time"));
    assertTrue(data.getString("message").startsWith("Current time is "));
  }

  @Test
  void twoTicksNeverShowTheSameSecondThoughOneIsLate() throws Exception {
    long second = 300; // of this test
    var questions = new AtomicInteger();
    Duration untilNext = Duration.ofMillis(second - System.currentTimeMillis() % second);
    InstantSource clock = InstantSource.offset(InstantSource.system(), untilNext.minusMillis(30));
    deploy(
        new ProducerSettings(Duration.ofMillis(second), false, List.of()),
        InputStream.nullInputStream(),
        clock,
        () -> {
          if (questions.getAndIncrement() == 1) {
            Pacing.pause(Duration.ofMillis(100));
          }
          return true;
        });
    Wait.until("the clock ticks", () -> published.size() >= 5);
    List<Long> seconds =
        published.stream()
            .map(tick -> new JsonObject(tick.getString("data")).getInstant("time"))
            .map(time -> time.toEpochMilli() / second)
            .toList();
    assertEquals(seconds.stream().distinct().toList(), seconds);
  }

  @Test
  void aTimerPublishesItsEventWithTheTime() throws Exception {
    deploy(
        timer(new Timer("lunch", OFTEN, "bell", "it is {time}")),
        InputStream.nullInputStream(),
        () -> true);
    Wait.until("the timer fires", () -> !published.isEmpty());
    JsonObject event = published.get(0);
    assertEquals("lunch", event.getJsonArray("topic").getString(0));
    assertEquals("bell", event.getString("type"));
    assertEquals("it is " + NOW, event.getString("data"));
  }

  @Test
  void onlyTheLeaderPublishesTimersAndEveryNodeItsKeyboard() throws Exception {
    var questions = new AtomicInteger();
    var line = new ByteArrayInputStream("typed\n".getBytes(StandardCharsets.UTF_8));
    deploy(
        new ProducerSettings(OFTEN, true, List.of()), line, () -> questions.incrementAndGet() > 10);
    Wait.until(
        "the clock ticks",
        () -> published.stream().anyMatch(event -> topic(event).equals("clock")));
    assertTrue(questions.get() > 10);
    Wait.until(
        "the line is published",
        () -> published.stream().anyMatch(event -> event.getString("data").equals("typed")));
  }

  private static String topic(JsonObject event) {
    return event.getJsonArray("topic").getString(0);
  }

  @Test
  void anInvalidTimerIsAnInvalidSettingBeforeAnyTimerStarts() {
    var settings =
        new ProducerSettings(
            OFTEN,
            false,
            List.of(
                new Timer("fine", OFTEN, "message", ""),
                new Timer("hub.mine", OFTEN, "message", "")));
    var e =
        assertThrows(
            ExecutionException.class,
            () -> deploy(settings, InputStream.nullInputStream(), () -> true));
    var invalid = assertInstanceOf(InvalidSetting.class, e.getCause());
    assertTrue(invalid.getMessage().startsWith("producer.timers[1].topic"), invalid.getMessage());
    assertEquals(List.of(), published);
  }

  @Test
  void anUndeployedProducerPublishesNothingMore() throws Exception {
    String id =
        deploy(
            new ProducerSettings(OFTEN, false, List.of()),
            InputStream.nullInputStream(),
            () -> true);
    Wait.until("the clock ticks", () -> !published.isEmpty());
    get(vertx.undeploy(id));
    var replies = new AtomicInteger();
    Wait.until(
        "requests sent before have arrived",
        () -> {
          get0(replies);
          return replies.get() > 3;
        });
    int before = published.size();
    get0(replies);
    get0(replies);
    assertEquals(before + 2, published.size(), "only the test's own requests arrive");
  }

  /** Sends a request and waits for its reply, which follows all requests before it. */
  private void get0(AtomicInteger replies) {
    vertx
        .eventBus()
        .request(Address.PUBLISH, new JsonObject().put("data", "of the test"))
        .toCompletionStage()
        .toCompletableFuture()
        .orTimeout(10, TimeUnit.SECONDS)
        .join();
    replies.incrementAndGet();
  }
}
