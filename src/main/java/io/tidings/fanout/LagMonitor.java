package io.tidings.fanout;

import io.tidings.metrics.LoopMetrics;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.LongSupplier;

/**
 * Measures how far the subscribers of one event loop are behind its head, in offsets. Confined to
 * the loop.
 */
final class LagMonitor {
  /** The maximum number of lagging subscribers that are reported. */
  private static final int MAX_SLOW_SUBSCRIBERS = 10;

  private final LongSupplier clock;
  private final LoopMetrics metrics;
  private final SubscriptionCounts subscriptions;

  /** The most lagging subscribers so far; the others are not described. */
  private final PriorityQueue<Lagging> slowest =
      new PriorityQueue<>(MAX_SLOW_SUBSCRIBERS + 1, Comparator.comparingLong(Lagging::lag));

  private long lagging;
  private long longest;

  /**
   * A subscriber that is behind.
   *
   * @param lag when it was measured
   */
  private record Lagging(Subscriber subscriber, long lag) {}

  /**
   * @param clock monotonic milliseconds, by which subscribers fell behind
   */
  LagMonitor(LongSupplier clock, LoopMetrics metrics, SubscriptionCounts subscriptions) {
    this.clock = clock;
    this.metrics = metrics;
    this.subscriptions = subscriptions;
  }

  /** Begins to measure all audiences. */
  void begin() {
    lagging = 0;
    longest = 0;
    slowest.clear();
  }

  /** Measures the lagging subscribers of an audience. */
  void add(Audience audience) {
    lagging += audience.lagging().size();
    for (Subscriber subscriber : audience.lagging()) {
      long lag = subscriber.lag();
      longest = Math.max(longest, lag);
      if (lag > 0 && (slowest.size() < MAX_SLOW_SUBSCRIBERS || lag > slowest.peek().lag())) {
        slowest.add(new Lagging(subscriber, lag));
        if (slowest.size() > MAX_SLOW_SUBSCRIBERS) {
          slowest.remove();
        }
      }
    }
  }

  /**
   * Reports the number of lagging subscribers, the longest lag, and the most lagging subscribers.
   *
   * @param audiences the number of audiences
   * @return the number of lagging subscribers
   */
  long report(int audiences) {
    long now = clock.getAsLong();
    List<SlowSubscriber> described =
        slowest.stream()
            .filter(measured -> measured.subscriber().state().lagging())
            .sorted(Comparator.comparingLong(Lagging::lag).reversed())
            .map(measured -> describe(measured, now))
            .toList();
    slowest.clear();
    subscriptions.slowSubscribers(this, described);
    metrics.report(audiences, lagging, longest);
    return lagging;
  }

  /** Reports that there are none, since all have ended. */
  void stop() {
    slowest.clear();
    metrics.report(0, 0, 0);
    subscriptions.slowSubscribers(this, List.of());
  }

  private static SlowSubscriber describe(Lagging measured, long now) {
    Subscriber subscriber = measured.subscriber();
    return new SlowSubscriber(
        subscriber.audience().topics(),
        measured.lag(),
        now - subscriber.laggingSince(),
        subscriber.client());
  }
}
