package io.tidings.event;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The time by which it is decided what has ended for good: a revocation that is forgotten makes a
 * token valid again, and no later correction of the clock brings it back. Follows the time of day,
 * but a clock that jumps ahead is believed only when it has been ahead for a day, and none before
 * an hour has passed; whoever uses it forgets too late rather than too early. A clock that is set
 * back is believed at once. Any thread.
 *
 * <p>The time that passes is measured by {@link System#nanoTime}, which nobody sets. What is
 * believed is the difference between the two.
 */
public final class CautiousClock implements InstantSource {
  static final Duration UNTIL_BELIEVED_FIRST = Duration.ofHours(1);
  static final Duration UNTIL_BELIEVED = Duration.ofDays(1);

  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final long startNanos;

  /** Whether a difference is believed. */
  private boolean certain;

  /** What the time of day is ahead of the time that passes; believed, if that is certain. */
  private long believedMillis;

  /** When the time of day began to be ahead of that, and by how much it was at least since. */
  private long aheadSinceNanos;

  private long leastMillis;
  private boolean ahead;

  /**
   * @param clock the time of day
   * @param nanoTime as {@link System#nanoTime}
   */
  public CautiousClock(InstantSource clock, LongSupplier nanoTime) {
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.startNanos = nanoTime.getAsLong();
    millis();
  }

  /** The same with the time that passes for this process. */
  public static CautiousClock of(InstantSource clock) {
    return new CautiousClock(clock, System::nanoTime);
  }

  /** The time; {@link Instant#EPOCH} while none is believed. */
  @Override
  public Instant instant() {
    return Instant.ofEpochMilli(millis());
  }

  /** The same in milliseconds since 1970. */
  @Override
  public synchronized long millis() {
    long now = nanoTime.getAsLong() - startNanos;
    long passedMillis = TimeUnit.NANOSECONDS.toMillis(now);
    look(now, clock.millis() - passedMillis);
    return certain ? believedMillis + passedMillis : 0;
  }

  private void look(long now, long aheadMillis) {
    if (certain && aheadMillis <= believedMillis) {
      believedMillis = aheadMillis;
      ahead = false;
      return;
    }
    if (!ahead) {
      ahead = true;
      aheadSinceNanos = now;
      leastMillis = aheadMillis;
    }
    leastMillis = Math.min(leastMillis, aheadMillis);
    Duration needed = certain ? UNTIL_BELIEVED : UNTIL_BELIEVED_FIRST;
    if (now - aheadSinceNanos >= needed.toNanos()) {
      certain = true;
      believedMillis = leastMillis;
      ahead = false;
    }
  }
}
