package io.tidings.dashboard;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * The moments of the last {@link #SPAN}, at most one for each of its seconds: a ring in one array
 * of numbers, which never grows. Moments have sequence numbers, from 0 on, by which readers go
 * along them. Not thread-safe.
 */
final class StatsHistory {
  /** For how long a moment is kept. */
  static final Duration SPAN = Duration.ofMinutes(30);

  private static final int CAPACITY = (int) SPAN.toSeconds();
  private static final int WIDTH = StatsSample.COLUMNS.size();

  /** What the ring takes of memory: 158,400, made at once. */
  static final int BYTES = CAPACITY * WIDTH * Double.BYTES;

  private final InstantSource clock;
  private final double[] cells = new double[CAPACITY * WIDTH];
  private long first;
  private long next;

  StatsHistory(InstantSource clock) {
    this.clock = clock;
  }

  /** Adds a moment; the oldest goes where there is no room. */
  void add(StatsSample moment) {
    System.arraycopy(moment.cells(), 0, cells, place(next), WIDTH);
    next++;
    first = Math.max(first, next - CAPACITY);
  }

  /** The number of the next moment. */
  long next() {
    return next;
  }

  /** The number of the oldest moment that is not older than that; {@link #next} where all are. */
  long since(Duration age) {
    forget();
    long oldest = clock.millis() - age.toMillis();
    long number = first;
    while (number < next && millis(number) < oldest) {
      number++;
    }
    return number;
  }

  /**
   * The moments from one number up to another, without it, but at most so many, and none that is
   * too old by now. The last of them is the one before {@code end}.
   */
  Part from(long from, long to, int most) {
    forget();
    long begin = Math.min(Math.max(from, first), to);
    long end = Math.min(begin + most, to);
    var moments = new ArrayList<StatsSample>((int) (end - begin));
    for (long number = begin; number < end; number++) {
      var row = new double[WIDTH];
      System.arraycopy(cells, place(number), row, 0, WIDTH);
      moments.add(new StatsSample(row));
    }
    return new Part(moments, end);
  }

  /** Forgets what is too old: where moments are missing, the ring has older ones too. */
  private void forget() {
    long oldest = clock.millis() - SPAN.toMillis();
    while (first < next && millis(first) < oldest) {
      first++;
    }
  }

  private long millis(long number) {
    return (long) cells[place(number)];
  }

  private static int place(long number) {
    return (int) (number % CAPACITY) * WIDTH;
  }

  /**
   * Some moments in their order.
   *
   * @param end the number of the moment after them
   */
  record Part(List<StatsSample> moments, long end) {}
}
