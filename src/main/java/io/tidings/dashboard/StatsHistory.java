package io.tidings.dashboard;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * The samples of the last {@link #RETENTION}, at most one per second: a ring in one array of
 * numbers of fixed size. Samples are numbered from 0 on; readers use the numbers as cursors. Not
 * thread-safe.
 */
final class StatsHistory {
  /** For how long a sample is retained. */
  static final Duration RETENTION = Duration.ofMinutes(30);

  private static final int CAPACITY = (int) RETENTION.toSeconds();
  private static final int WIDTH = StatsSample.COLUMNS.size();

  /** The size of the ring, allocated at once: 158,400. */
  static final int BYTES = CAPACITY * WIDTH * Double.BYTES;

  private final InstantSource clock;
  private final double[] cells = new double[CAPACITY * WIDTH];
  private long first;
  private long next;

  StatsHistory(InstantSource clock) {
    this.clock = clock;
  }

  /** Adds a sample; a full ring evicts the oldest. */
  void add(StatsSample sample) {
    System.arraycopy(sample.cells(), 0, cells, index(next), WIDTH);
    next++;
    first = Math.max(first, next - CAPACITY);
  }

  /** The number of the next sample. */
  long next() {
    return next;
  }

  /**
   * The number of the oldest sample that is not older than that; {@link #next} if there is none.
   */
  long since(Duration age) {
    expire();
    long oldest = clock.millis() - age.toMillis();
    long number = first;
    while (number < next && millis(number) < oldest) {
      number++;
    }
    return number;
  }

  /**
   * The retained samples from one number (inclusive) to another (exclusive), but at most {@code
   * max}. The last of them is the one before {@code end}.
   */
  Part from(long from, long to, int max) {
    expire();
    long begin = Math.min(Math.max(from, first), to);
    long end = Math.min(begin + max, to);
    var samples = new ArrayList<StatsSample>((int) (end - begin));
    for (long number = begin; number < end; number++) {
      var row = new double[WIDTH];
      System.arraycopy(cells, index(number), row, 0, WIDTH);
      samples.add(new StatsSample(row));
    }
    return new Part(samples, end);
  }

  /** Expires old samples: if seconds are missing, the ring holds more than the retention. */
  private void expire() {
    long oldest = clock.millis() - RETENTION.toMillis();
    while (first < next && millis(first) < oldest) {
      first++;
    }
  }

  private long millis(long number) {
    return (long) cells[index(number)];
  }

  private static int index(long number) {
    return (int) (number % CAPACITY) * WIDTH;
  }

  /**
   * Consecutive samples.
   *
   * @param end the number of the sample after them
   */
  record Part(List<StatsSample> samples, long end) {}
}
