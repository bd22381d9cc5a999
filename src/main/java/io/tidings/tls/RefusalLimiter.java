package io.tidings.tls;

import io.tidings.memory.MinuteLimiter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Limits the reports about refused certificates to one a minute for each subject. Of more subjects
 * at a time than a cluster has nodes, the further ones share one limit, so that whoever invents
 * names neither fills the log nor hides a node. Thread-safe.
 */
final class RefusalLimiter {
  static final int MAX_SUBJECTS = 64;
  private static final long IDLE_NANOS = TimeUnit.MINUTES.toNanos(10);

  private final Map<String, Subject> subjects = new LinkedHashMap<>();
  private final MinuteLimiter others = new MinuteLimiter();

  private static final class Subject {
    private final MinuteLimiter limiter = new MinuteLimiter();
    private long seenNanos;
  }

  /**
   * Counts a refusal.
   *
   * @param nanos the time by {@link System#nanoTime}
   * @return the count since the last report if a report is due, else 0
   */
  synchronized long count(String subject, long nanos) {
    if (!subjects.containsKey(subject) && subjects.size() >= MAX_SUBJECTS) {
      subjects.values().removeIf(known -> nanos - known.seenNanos > IDLE_NANOS);
      if (subjects.size() >= MAX_SUBJECTS) {
        return others.count(nanos);
      }
    }
    Subject known = subjects.computeIfAbsent(subject, name -> new Subject());
    known.seenNanos = nanos;
    return known.limiter.count(nanos);
  }
}
