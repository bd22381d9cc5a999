package io.tidings.metrics;

/**
 * What a hub did from one look to the next, as rates. Not thread-safe: whoever looks, looks from
 * one thread, about once a second.
 */
public final class RateMeter {
  private final Metrics metrics;
  private Metrics.Totals before;
  private Metrics.Totals apartBefore;
  private long[] delaysBefore;
  private long nanosBefore;

  /**
   * @param nanos the time now, by {@link System#nanoTime}, as for {@link #beat}
   */
  public RateMeter(Metrics metrics, long nanos) {
    this.metrics = metrics;
    this.before = metrics.totals();
    this.apartBefore = metrics.totalsApart();
    this.delaysBefore = metrics.delays();
    this.nanosBefore = nanos;
  }

  /** What came and went since the last look. */
  public Beat beat(long nanos) {
    Metrics.Totals now = metrics.totals();
    Metrics.Totals apart = metrics.totalsApart();
    long[] delays = metrics.delays();
    double seconds = Math.max(1, nanos - nanosBefore) / 1e9;
    var beat =
        new Beat(
            Rates.between(before, now, seconds),
            Rates.between(apartBefore, apart, seconds),
            quantile(0.5, delays),
            quantile(0.99, delays));
    before = now;
    apartBefore = apart;
    delaysBefore = delays;
    nanosBefore = nanos;
    return beat;
  }

  /**
   * In milliseconds, by the histogram: evenly spread within a bucket. Not a number where nothing
   * was delivered.
   */
  private double quantile(double quantile, long[] delays) {
    int last = delays.length - 1;
    long all = delays[last] - delaysBefore[last];
    if (all == 0) {
      return Double.NaN;
    }
    double rank = quantile * all;
    long below = 0;
    double from = 0;
    for (int i = 0; i < last; i++) {
      long upTo = delays[i] - delaysBefore[i];
      double to = Metrics.delayBoundMillis(i);
      if (upTo >= rank) {
        return from + (to - from) * (rank - below) / (upTo - below);
      }
      below = upTo;
      from = to;
    }
    return from; // beyond the last bound: at least that
  }

  /** Events and bytes a second. */
  public record Rates(double eventsIn, double bytesIn, double eventsOut, double bytesOut) {
    private static Rates between(Metrics.Totals before, Metrics.Totals now, double seconds) {
      return new Rates(
          (now.eventsIn() - before.eventsIn()) / seconds,
          (now.bytesIn() - before.bytesIn()) / seconds,
          (now.eventsOut() - before.eventsOut()) / seconds,
          (now.bytesOut() - before.bytesOut()) / seconds);
    }

    /** These without those, which are a part of them; counts that were read between don't show. */
    public Rates without(Rates part) {
      return new Rates(
          Math.max(0, eventsIn - part.eventsIn),
          Math.max(0, bytesIn - part.bytesIn),
          Math.max(0, eventsOut - part.eventsOut),
          Math.max(0, bytesOut - part.bytesOut));
    }
  }

  /**
   * Rates a second, and how long deliveries took.
   *
   * @param all of everything
   * @param apart of the hub's own traffic, which is a part of all
   * @param p50Millis half of the deliveries took at most so long from append to the last socket of
   *     an audience; not a number where there were none
   * @param p99Millis 99 of 100
   */
  public record Beat(Rates all, Rates apart, double p50Millis, double p99Millis) {
    /** What clients do: all, but for the hub's own traffic. */
    public Rates traffic() {
      return all.without(apart);
    }
  }
}
