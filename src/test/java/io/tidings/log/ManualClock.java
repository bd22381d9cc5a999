package io.tidings.log;

import io.tidings.event.CautiousClock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that changes only by {@link #advance} and {@link #jump}. */
public final class ManualClock implements InstantSource {
  private long nanos = Long.MAX_VALUE - 1_000_000; // overflows
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  @Override
  public synchronized Instant instant() {
    return now;
  }

  /** Time passes. */
  public synchronized void advance(Duration time) {
    now = now.plus(time);
    nanos += time.toNanos();
  }

  /** The time of day is set, ahead or back. */
  public synchronized void jump(Duration time) {
    now = now.plus(time);
  }

  /** As {@link System#nanoTime}. */
  public synchronized long nanoTime() {
    return nanos;
  }

  public CautiousClock cautious() {
    return new CautiousClock(this, this::nanoTime);
  }
}
