package io.tidings.metrics;

/**
 * Derives rates and delivery percentiles from the change of the metrics between samples. Not
 * thread-safe.
 */
public final class RateMeter {
  private final Metrics metrics;
  private Metrics.Totals before;
  private Metrics.Totals internalBefore;
  private long[] bucketsBefore;
  private long nanosBefore;

  /**
   * @param nanos the time by {@link System#nanoTime}, as for {@link #sample}
   */
  public RateMeter(Metrics metrics, long nanos) {
    this.metrics = metrics;
    this.before = metrics.totals();
    this.internalBefore = metrics.internalTotals();
    this.bucketsBefore = metrics.deliveryBuckets();
    this.nanosBefore = nanos;
  }

  /** The rates and percentiles since the previous sample. */
  public Sample sample(long nanos) {
    Metrics.Totals now = metrics.totals();
    Metrics.Totals internal = metrics.internalTotals();
    long[] buckets = metrics.deliveryBuckets();
    double seconds = Math.max(1, nanos - nanosBefore) / 1e9;
    var sample =
        new Sample(
            Rates.between(before, now, seconds),
            Rates.between(internalBefore, internal, seconds),
            quantile(0.5, buckets),
            quantile(0.99, buckets));
    before = now;
    internalBefore = internal;
    bucketsBefore = buckets;
    nanosBefore = nanos;
    return sample;
  }

  /**
   * A quantile of the delivery time in milliseconds, interpolated linearly within a bucket of the
   * histogram; NaN if nothing was delivered.
   */
  private double quantile(double quantile, long[] buckets) {
    int last = buckets.length - 1;
    long count = buckets[last] - bucketsBefore[last];
    if (count == 0) {
      return Double.NaN;
    }
    double rank = quantile * count;
    long below = 0;
    double from = 0;
    for (int i = 0; i < last; i++) {
      long upTo = buckets[i] - bucketsBefore[i];
      double to = Metrics.bucketBoundMillis(i);
      if (upTo >= rank) {
        return from + (to - from) * (rank - below) / (upTo - below);
      }
      below = upTo;
      from = to;
    }
    return from; // above the last bound, which is the best lower estimate
  }

  /** Events and bytes per second. */
  public record Rates(double eventsIn, double bytesIn, double eventsOut, double bytesOut) {
    private static Rates between(Metrics.Totals before, Metrics.Totals now, double seconds) {
      return new Rates(
          (now.eventsIn() - before.eventsIn()) / seconds,
          (now.bytesIn() - before.bytesIn()) / seconds,
          (now.eventsOut() - before.eventsOut()) / seconds,
          (now.bytesOut() - before.bytesOut()) / seconds);
    }

    /** Subtracts a part; never below zero, since the two are not read at the same instant. */
    public Rates minus(Rates part) {
      return new Rates(
          Math.max(0, eventsIn - part.eventsIn),
          Math.max(0, bytesIn - part.bytesIn),
          Math.max(0, eventsOut - part.eventsOut),
          Math.max(0, bytesOut - part.bytesOut));
    }
  }

  /**
   * Rates per second, and percentiles of the time from append to the last socket of an audience.
   *
   * @param all of all traffic
   * @param internal of the hub's own traffic, which is a part of all
   * @param p50Millis the median; NaN if nothing was delivered
   * @param p99Millis the 99th percentile; NaN if nothing was delivered
   */
  public record Sample(Rates all, Rates internal, double p50Millis, double p99Millis) {
    /** The rates of clients: all but the internal traffic. */
    public Rates external() {
      return all.minus(internal);
    }
  }
}
