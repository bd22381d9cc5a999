package io.tidings.auth;

import static io.tidings.auth.TestTokens.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.CapturedLog;
import io.tidings.auth.KeyLoader.Loaded;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class KeySourceTest {
  private static final KeySet OLD = keys("old");
  private static final KeySet NEW = keys("new");

  private final AtomicLong nanos = new AtomicLong();
  private final AtomicInteger changes = new AtomicInteger();
  private final Queue<Promise<Loaded>> loads = new ArrayDeque<>();
  private final AtomicInteger begun = new AtomicInteger();
  private final KeySource source =
      new KeySource(
          "issuer a",
          () -> {
            begun.incrementAndGet();
            Promise<Loaded> load = Promise.promise();
            loads.add(load);
            return load.future();
          },
          KeySource.Schedule.REMOTE,
          nanos::get,
          changes::incrementAndGet);

  private static KeySet keys(String id) {
    return new KeySet(
        List.of(
            new VerificationKey(Optional.of(id), Optional.empty(), TestTokens.P256.getPublic())));
  }

  private void succeed(KeySet keys) {
    loads.remove().complete(new Loaded(keys, Optional.empty()));
  }

  private void succeed(KeySet keys, Duration freshFor) {
    loads.remove().complete(new Loaded(keys, Optional.of(freshFor)));
  }

  private void fail() {
    loads.remove().fail(new UnusableKeys("must be answered 200, not 500"));
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
    source.tick();
  }

  private void loadedWith(KeySet keys) {
    source.load();
    succeed(keys);
  }

  @Test
  void keysAreLoadedAgainAfterTenMinutesGiveOrTakeATenth() {
    loadedWith(OLD);
    pass(Duration.ofMinutes(9).minusSeconds(1));
    assertEquals(1, begun.get());
    pass(Duration.ofMinutes(2).plusSeconds(1));
    assertEquals(2, begun.get());
    succeed(NEW);
    assertEquals(NEW, source.keys());
  }

  @Test
  void theIssuerSaysForHowLongWithinBounds() {
    source.load();
    succeed(OLD, Duration.ofSeconds(1)); // a minute at least
    pass(Duration.ofSeconds(53));
    assertEquals(1, begun.get());
    pass(Duration.ofSeconds(14));
    assertEquals(2, begun.get());
    succeed(OLD, Duration.ofDays(365)); // a day at most
    pass(Duration.ofHours(21));
    assertEquals(2, begun.get());
    pass(Duration.ofHours(6));
    assertEquals(3, begun.get());
  }

  @Test
  void whileTheIssuerIsAwayItsKnownKeysStayInUse() {
    try (var log = new CapturedLog(KeySource.class)) {
      loadedWith(OLD);
      pass(Duration.ofMinutes(12));
      fail();
      assertEquals(OLD, source.keys());
      for (int i = 0; i < 10; i++) {
        pass(Duration.ofSeconds(34));
        fail();
      }
      assertEquals(12, begun.get());
      assertEquals(OLD, source.keys());
      pass(Duration.ofSeconds(34));
      succeed(NEW);
      assertEquals(NEW, source.keys());
      assertEquals(
          List.of(
              "issuer a: keys can't be loaded; the known ones stay in use: must be answered 200, not 500",
              "issuer a: keys are loaded again"),
          log.lines());
    }
  }

  @Test
  void withoutAnyKeysItIsTriedAgainAndNothingIsAccepted() {
    source.load();
    fail();
    assertTrue(source.keys().isEmpty());
    assertTrue(source.keys().candidates(Algorithm.ES256, Optional.empty()).isEmpty());
    pass(Duration.ofSeconds(34));
    succeed(OLD);
    assertEquals(OLD, source.keys());
  }

  @Test
  void anUnknownKeyIsLoadedAtOnceSoARotationIsSeen() throws Exception {
    loadedWith(OLD);
    Future<Boolean> loaded = source.loadForUnknownKey();
    assertEquals(2, begun.get());
    assertFalse(loaded.isComplete());
    succeed(NEW);
    assertTrue(await(loaded));
    assertEquals(NEW, source.keys());
  }

  @Test
  void aFloodOfUnknownKeysLoadsOncePerThirtySeconds() throws Exception {
    loadedWith(OLD);
    var first = source.loadForUnknownKey();
    succeed(OLD);
    assertTrue(await(first));
    for (int second = 0; second < 29; second++) {
      for (int i = 0; i < 1_000; i++) {
        assertFalse(await(source.loadForUnknownKey()));
      }
      pass(Duration.ofSeconds(1));
    }
    assertEquals(2, begun.get());
    pass(Duration.ofSeconds(1));
    source.loadForUnknownKey();
    assertEquals(3, begun.get());
  }

  @Test
  void aFloodOfUnknownKeysLoadsNoMoreOftenWhileTheIssuerIsAway() throws Exception {
    loadedWith(OLD);
    source.loadForUnknownKey();
    fail();
    for (int i = 0; i < 1_000; i++) {
      assertFalse(await(source.loadForUnknownKey()));
    }
    assertEquals(2, begun.get());
  }

  @Test
  void thoseWhoWaitForOneLoadAreBounded() throws Exception {
    source.load();
    var waiting = new ArrayList<Future<Boolean>>();
    for (int i = 0; i < KeySource.MAX_WAITING; i++) {
      waiting.add(source.loadForUnknownKey());
    }
    Throwable another = source.loadForUnknownKey().cause();
    assertEquals(InvalidToken.Reason.BUSY, ((InvalidToken) another).reason());
    assertEquals(1, begun.get());
    succeed(OLD);
    for (Future<Boolean> one : waiting) {
      assertTrue(await(one));
    }
    assertTrue(source.loadForUnknownKey().isComplete() || begun.get() == 2);
  }

  @Test
  void onlyAnotherKeySetIsAChange() {
    loadedWith(OLD);
    loadedWith(OLD);
    assertEquals(1, changes.get());
    loadedWith(NEW);
    assertEquals(2, changes.get());
  }

  @Test
  void aLoaderThatThrowsIsAFailureAndIsTriedAgain() {
    var broken = new AtomicInteger();
    var thrower =
        new KeySource(
            "issuer b",
            () -> {
              broken.incrementAndGet();
              throw new IllegalStateException("closed");
            },
            KeySource.Schedule.FILE,
            nanos::get,
            changes::incrementAndGet);
    assertTrue(thrower.load().failed());
    nanos.addAndGet(Duration.ofSeconds(6).toNanos());
    thrower.tick();
    assertEquals(2, broken.get());
  }

  @Test
  void afterItsEndItLoadsNothing() throws Exception {
    loadedWith(OLD);
    await(source.close());
    pass(Duration.ofHours(1));
    assertEquals(1, begun.get());
  }
}
