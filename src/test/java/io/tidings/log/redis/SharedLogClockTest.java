package io.tidings.log.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.tidings.event.Event;
import io.tidings.log.Entry;
import io.tidings.log.LogState;
import io.tidings.log.LogUnavailable;
import io.tidings.log.ManualClock;
import io.tidings.settings.LogSettings;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Deadlines and intervals of a shared log and of its {@link StoreWriter} and {@link Reload}. */
class SharedLogClockTest {
  private static final Duration LATE = Duration.ofSeconds(2);

  private final LogSettings settings = Settings.of(Map.of("log.patience", "10s")).log();
  private final FakeStore store = new FakeStore(new FakeStore.Records());
  private final ManualClock clock = new ManualClock();
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1); // overflows on the way
  private final AtomicInteger readings = new AtomicInteger();
  private final AtomicReference<LogState> state = new AtomicReference<>();
  private final List<SharedLog> logs = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (SharedLog log : logs) {
      get(log.close());
    }
    get(store.close());
  }

  private long nanoTime() {
    readings.incrementAndGet();
    return nanos.get();
  }

  private Future<SharedLog> opening() {
    return SharedLog.open(store, settings, clock, this::nanoTime, PendingAppends.MAX_OPEN_BYTES);
  }

  private SharedLog open() throws Exception {
    SharedLog log = get(opening());
    logs.add(log);
    log.onState(state::set);
    return log;
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  /**
   * Returns when the timer has called the writer a few times; a call reads the clock several times.
   */
  private void awaitTicks() {
    int before = readings.get();
    Wait.until("the clock is read by some ticks", () -> readings.get() >= before + 20);
  }

  private void await(LogState wanted) {
    Wait.until("it is " + wanted, () -> state.get() == wanted);
  }

  @Test
  void aPublicationFailsWhenThePatienceIsOverAndNotBefore() throws Exception {
    SharedLog log = open();
    store.mood(FakeStore.Mood.REFUSES, 0);
    Future<List<Entry>> answer = log.append(List.of(Event.of("a", "1")));
    pass(settings.patience().minusNanos(1));
    awaitTicks();
    assertFalse(answer.isComplete());
    pass(Duration.ofNanos(1));
    var e = assertThrows(ExecutionException.class, () -> get(answer));
    assertInstanceOf(LogUnavailable.class, e.getCause());
  }

  @Test
  void itIsReadOnlyWhenTheStoreHasNotAnsweredForTwoSecondsAndNotBefore() throws Exception {
    SharedLog log = open();
    store.mood(FakeStore.Mood.HANGS, 0);
    int before = store.adds.get();
    Future<List<Entry>> answer = log.append(List.of(Event.of("a", "1")));
    Wait.until("it is added", () -> store.adds.get() > before);
    pass(LATE);
    awaitTicks();
    assertEquals(LogState.UP, state.get());
    pass(Duration.ofNanos(1));
    await(LogState.READ_ONLY);
    store.mood(FakeStore.Mood.WELL, 0);
    assertEquals(1, get(answer).size());
    await(LogState.UP);
  }

  @Test
  void anIdleStoreIsProbedOnceASecond() throws Exception {
    open();
    int before = store.probes.get();
    pass(Duration.ofMillis(999));
    awaitTicks();
    assertEquals(before, store.probes.get());
    pass(Duration.ofMillis(1));
    Wait.until("it is probed", () -> store.probes.get() == before + 1);
    awaitTicks();
    assertEquals(before + 1, store.probes.get());
  }

  @Test
  void aStoreThatRefusedIsTriedEvery300Milliseconds() throws Exception {
    open();
    store.probeFails = true;
    store.mood(FakeStore.Mood.REFUSES, 0);
    pass(Duration.ofSeconds(1));
    await(LogState.READ_ONLY);
    int before = store.adds.get();
    pass(Duration.ofMillis(299));
    awaitTicks();
    assertEquals(before, store.adds.get());
    pass(Duration.ofMillis(1));
    Wait.until("a record is added", () -> store.adds.get() == before + 1);
    store.mood(FakeStore.Mood.WELL, 0);
    assertEquals(LogState.READ_ONLY, state.get());
    pass(Duration.ofMillis(300));
    await(LogState.UP);
  }

  @Test
  void openingIsRetriedForHalfAMinute() {
    store.failingReads.set(Integer.MAX_VALUE);
    Future<SharedLog> opening = opening();
    pass(Reload.FIRST_LOAD_TIMEOUT);
    int before = store.reads.get();
    Wait.until("the store is read twice more", () -> store.reads.get() >= before + 2);
    assertFalse(opening.isComplete());
    pass(Duration.ofNanos(1));
    assertThrows(ExecutionException.class, () -> get(opening));
  }

  @Test
  void aTimeOfDayThatIsSetChangesNoDeadline() throws Exception {
    SharedLog log = open();
    store.mood(FakeStore.Mood.REFUSES, 0);
    Future<List<Entry>> answer = log.append(List.of(Event.of("a", "1")));
    clock.advance(Duration.ofHours(-1));
    awaitTicks();
    clock.advance(Duration.ofHours(2));
    awaitTicks();
    assertFalse(answer.isComplete());
    store.mood(FakeStore.Mood.WELL, 0);
    assertTrue(get(answer).get(0).time() > 0);
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }
}
