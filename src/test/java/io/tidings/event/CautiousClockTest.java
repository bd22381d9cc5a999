package io.tidings.event;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CautiousClockTest {
  private static final Duration YEAR = Duration.ofDays(365);
  private static final Duration HOUR = CautiousClock.UNTIL_BELIEVED_FIRST;
  private static final Duration DAY = CautiousClock.UNTIL_BELIEVED;

  private Instant wall = Instant.parse("2030-01-01T00:00:00Z");
  private long nanos = Long.MIN_VALUE + 7;
  private final InstantSource source = () -> wall;

  private void pass(Duration time) {
    wall = wall.plus(time);
    nanos += time.toNanos();
  }

  private void assertTellsTheTime(CautiousClock clock) {
    assertEquals(
        0, Duration.between(clock.instant(), wall).abs().toMillis() / 2, "to the millisecond");
  }

  private CautiousClock started() {
    var clock = new CautiousClock(source, () -> nanos);
    pass(HOUR);
    assertTellsTheTime(clock);
    return clock;
  }

  @Test
  void noTimeIsBelievedBeforeAnHourHasPassed() {
    var clock = new CautiousClock(source, () -> nanos);
    pass(HOUR.minusNanos(TimeUnit.MILLISECONDS.toNanos(1)));
    assertEquals(Instant.EPOCH, clock.instant());
    pass(Duration.ofMillis(1));
    assertTellsTheTime(clock);
  }

  @Test
  void aClockThatIsCorrectedWithinTheFirstHourIsNotBelievedBefore() {
    wall = wall.plus(YEAR);
    var clock = new CautiousClock(source, () -> nanos);
    pass(Duration.ofMinutes(10));
    wall = wall.minus(YEAR);
    assertEquals(Instant.EPOCH, clock.instant());
    pass(Duration.ofMinutes(50));
    assertTellsTheTime(clock);
  }

  @Test
  void aJumpAheadAndBackIsNeverBelieved() {
    CautiousClock clock = started();
    for (int i = 0; i < 100; i++) {
      wall = wall.plus(YEAR);
      Instant told = clock.instant();
      pass(Duration.ofHours(23));
      assertEquals(told.plus(Duration.ofHours(23)), clock.instant());
      wall = wall.minus(YEAR);
      assertTellsTheTime(clock);
      pass(Duration.ofHours(3));
      assertTellsTheTime(clock);
    }
  }

  @Test
  void aClockThatWasAheadForADayIsBelieved() {
    wall = Instant.EPOCH;
    CautiousClock clock = started();
    wall = wall.plus(YEAR.multipliedBy(60));
    Instant told = clock.instant();
    pass(DAY.minusMillis(2));
    assertEquals(told.plus(DAY).minusMillis(2), clock.instant());
    pass(Duration.ofMillis(2));
    assertTellsTheTime(clock);
  }

  @Test
  void aClockThatIsSetBackIsBelievedAtOnce() {
    CautiousClock clock = started();
    wall = wall.minus(YEAR);
    assertTellsTheTime(clock);
    pass(Duration.ofMinutes(1));
    assertTellsTheTime(clock);
  }

  @Test
  void ofAClockThatIsAheadByMoreAndMoreTheLeastIsBelieved() {
    CautiousClock clock = started();
    Instant least = clock.instant().plus(DAY).plusSeconds(10);
    wall = wall.plusSeconds(10);
    clock.instant();
    pass(DAY.dividedBy(2));
    wall = wall.plus(YEAR);
    clock.instant();
    pass(DAY.dividedBy(2));
    assertEquals(least, clock.instant());
  }
}
