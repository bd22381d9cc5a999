package raft;

import java.util.Arrays;

/** Samples of nanoseconds; thread-safe. */
final class Latencies {
  private long[] samples = new long[1 << 16];
  private int count;

  synchronized void add(long nanos) {
    if (count == samples.length) {
      if (count >= 1 << 22) {
        return;
      }
      samples = Arrays.copyOf(samples, 2 * count);
    }
    samples[count++] = nanos;
  }

  synchronized void clear() {
    count = 0;
  }

  /** Milliseconds: p50, p99, highest; zeros when there are no samples. */
  synchronized double[] quantiles() {
    if (count == 0) {
      return new double[3];
    }
    long[] sorted = Arrays.copyOf(samples, count);
    Arrays.sort(sorted);
    return new double[] {sorted[count / 2] / 1e6, sorted[(int) (count * 0.99)] / 1e6, sorted[count - 1] / 1e6};
  }
}
