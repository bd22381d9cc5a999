package io.tidings.limits;

import io.tidings.metrics.Refusal;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** What one publisher has done in the last minute. Any thread, without locks. */
final class PublisherState {
  private static final double SECONDS = 60;

  private final LimitKey key;
  private final MinuteCount events = new MinuteCount();
  private final MinuteCount bytes = new MinuteCount();

  /** By reason; null if there was none. */
  private final AtomicReferenceArray<MinuteCount> refusals =
      new AtomicReferenceArray<>(Refusal.values().length);

  PublisherState(LimitKey key) {
    this.key = key;
  }

  LimitKey key() {
    return key;
  }

  void published(int count, long size, long nanos) {
    events.add(count, nanos);
    bytes.add(size, nanos);
  }

  void refused(Refusal reason, long nanos) {
    int index = reason.ordinal();
    if (refusals.get(index) == null) {
      refusals.compareAndSet(index, null, new MinuteCount());
    }
    refusals.get(index).add(1, nanos);
  }

  /** Events and refusals of the last minute. */
  double actions(long nanos) {
    double sum = events.sum(nanos);
    for (int i = 0; i < refusals.length(); i++) {
      sum += refusals(i, nanos);
    }
    return sum;
  }

  private double refusals(int reason, long nanos) {
    MinuteCount count = refusals.get(reason);
    return count == null ? 0 : count.sum(nanos);
  }

  PublisherRate rate(long nanos) {
    Map<Refusal, Long> counts = new EnumMap<>(Refusal.class);
    for (Refusal reason : Refusal.values()) {
      long count = Math.round(refusals(reason.ordinal(), nanos));
      if (count > 0) {
        counts.put(reason, count);
      }
    }
    return new PublisherRate(
        key, events.sum(nanos) / SECONDS, bytes.sum(nanos) / SECONDS, Map.copyOf(counts));
  }
}
