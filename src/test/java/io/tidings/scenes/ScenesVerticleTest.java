package io.tidings.scenes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.tidings.CapturedLog;
import io.tidings.Wait;
import io.tidings.bus.LiveFeed;
import io.tidings.log.Entry;
import io.vertx.core.Handler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ScenesVerticleTest {
  private static final String ANSWER = "scenes.answer.answer-1";
  private final AtomicLong nanos = new AtomicLong();
  private HubInMemory hub;

  /** The rejected requests, each of which asks whether this node leads. */
  private final AtomicInteger rejected = new AtomicInteger();

  @BeforeEach
  void start() throws Exception {
    hub = new HubInMemory();
  }

  @AfterEach
  void close() throws Exception {
    hub.close();
  }

  private String deploy(BooleanSupplier leads) throws Exception {
    return deploy(hub.feed, leads);
  }

  private String deploy(LiveFeed feed, BooleanSupplier leads) throws Exception {
    var load = new ProcessLoad("alone", hub.clock);
    return HubInMemory.get(
        hub.vertx.deployVerticle(
            new ScenesVerticle(feed, hub.log, load, topic -> false, leads, nanos::get)));
  }

  @Test
  void anAnswerContinuesAfterARestart() throws Exception {
    String first = deploy(() -> true);
    hub.append(Answers.TOPIC, "ask", "{\"id\":\"answer-1\",\"question\":\"the heartbeat\"}");
    Wait.until("some words", () -> hub.text(ANSWER, "word").length() > 10);
    HubInMemory.get(hub.vertx.undeploy(first));
    assertFalse(hub.types(ANSWER).contains("stopped"));
    hub.append(Answers.TOPIC, "no request", "no JSON");
    deploy(() -> true);
    Wait.until("it is complete", () -> hub.types(ANSWER).contains("done"));
    assertEquals(Manual.fromJar().answer("the heartbeat"), hub.text(ANSWER, "word"));
    assertEquals("the heartbeat", hub.text(ANSWER, "question"));
  }

  /** The log delivers an entry to its followers a moment after it can be read. */
  @Test
  void whatTheHistoryHadIsNotAppliedAgainWhenTheLogDeliversItLater() throws Exception {
    var entries = new ArrayList<Entry>();
    hub.log.follow(entries::addAll);
    String first = deploy(() -> true);
    hub.append(Answers.TOPIC, "ask", "{\"id\":\"answer-1\",\"question\":\"the heartbeat\"}");
    Wait.until("some words", () -> hub.text(ANSWER, "word").length() > 10);
    HubInMemory.get(hub.vertx.undeploy(first));
    List<Entry> late = List.copyOf(entries);

    var followers = new ArrayList<Handler<List<Entry>>>();
    deploy(HubInMemory.feedOf(followers), () -> true);
    followers.get(0).handle(late);
    hub.log.follow(followers.get(0));
    Wait.until("it is complete", () -> hub.types(ANSWER).contains("done"));
    assertEquals(Manual.fromJar().answer("the heartbeat"), hub.text(ANSWER, "word"));
  }

  @Test
  void anAnswerThatWasStoppedWhileTheHubWasAwayIsStopped() throws Exception {
    hub.append(Answers.TOPIC, "ask", "{\"id\":\"answer-1\",\"question\":\"the heartbeat\"}");
    hub.append(Answers.TOPIC, "stop", "{\"id\":\"answer-1\"}");
    deploy(() -> true);
    Wait.until("it is stopped", () -> hub.types(ANSWER).equals(List.of("stopped")));
  }

  /** More than are read of each answer. */
  @Test
  void manyAnswersThatHaveEndedAreNotTakenForOpenOnes() throws Exception {
    for (int i = 0; i < 120; i++) {
      hub.append(Answers.TOPIC, "ask", "{\"id\":\"old-" + i + "\",\"question\":\"the heartbeat\"}");
      hub.append("scenes.answer.old-" + i, "done", "{}");
    }
    deploy(() -> true);
    hub.append(Answers.TOPIC, "ask", "{\"id\":\"answer-1\",\"question\":\"the heartbeat\"}");
    Wait.until("it is complete", () -> hub.types(ANSWER).contains("done"));
    assertEquals(Manual.fromJar().answer("the heartbeat"), hub.text(ANSWER, "word"));
  }

  @Test
  void whatIsOlderThanTenMinutesIsNotContinued() throws Exception {
    hub.append(Answers.TOPIC, "ask", "{\"id\":\"answer-1\",\"question\":\"the heartbeat\"}");
    hub.clock.advance(Duration.ofMinutes(10).plusMillis(1));
    deploy(() -> true);
    hub.append(Answers.TOPIC, "ask", "{\"id\":\"answer-2\",\"question\":\"the heartbeat\"}");
    Wait.until("the new one", () -> hub.types("scenes.answer.answer-2").contains("done"));
    assertEquals(List.of(), hub.types(ANSWER));
  }

  @Test
  void rejectedRequestsAreLoggedOnceASecond() throws Exception {
    deploy(() -> rejected.incrementAndGet() > 0);
    try (var lines = new CapturedLog(ScenesVerticle.class)) {
      request("no JSON");
      request("{}");
      nanos.addAndGet(TimeUnit.SECONDS.toNanos(1) - 1);
      request("{}");
      nanos.incrementAndGet();
      request("{\"id\":\"job-one-1\"}");
      request("no JSON");
      assertEquals(
          List.of(
              "refused, scenes.jobs: data: must be a JSON object",
              "refused, scenes.jobs: type: is not a command of this topic"),
          lines.lines());
    }
  }

  /** Publishes an invalid request, and returns when it was handled. */
  private void request(String data) throws Exception {
    int before = rejected.get();
    hub.append(Jobs.TOPIC, "", data);
    Wait.until("the request is rejected", () -> rejected.get() > before);
  }
}
