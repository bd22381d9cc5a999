package io.tidings.fanout;

import io.tidings.event.Position;
import io.tidings.metrics.LoopMetrics;
import java.util.Collection;
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

  private final LogHead head;
  private final LongSupplier clock;
  private final LoopMetrics metrics;
  private final SubscriptionCounts subscriptions;

  /**
   * @param clock monotonic milliseconds, by which subscribers fell behind
   */
  LagMonitor(
      LogHead head, LongSupplier clock, LoopMetrics metrics, SubscriptionCounts subscriptions) {
    this.head = head;
    this.clock = clock;
    this.metrics = metrics;
    this.subscriptions = subscriptions;
  }

  /**
   * Reports the number of lagging subscribers, the longest lag, and the most lagging subscribers.
   *
   * @return the number of lagging subscribers
   */
  long report(Collection<Audience> audiences) {
    long lagging = 0;
    long longest = 0;
    for (Audience audience : audiences) {
      lagging += audience.lagging().size();
      for (Subscriber subscriber : audience.lagging()) {
        longest = Math.max(longest, lag(subscriber));
      }
    }
    subscriptions.slowSubscribers(this, lagging == 0 ? List.of() : slowest(audiences));
    metrics.report(audiences.size(), lagging, longest);
    return lagging;
  }

  /** The lag of a subscriber that is behind; 0 if it has not begun. */
  private long lag(Subscriber subscriber) {
    Position cursor = subscriber.cursor();
    return cursor == null ? 0 : head.offset() - cursor.offset();
  }

  /** The most lagging subscribers; the others are not described. */
  private List<SlowSubscriber> slowest(Collection<Audience> audiences) {
    var slowest =
        new PriorityQueue<Subscriber>(
            MAX_SLOW_SUBSCRIBERS + 1, Comparator.comparingLong(this::lag));
    for (Audience audience : audiences) {
      for (Subscriber subscriber : audience.lagging()) {
        if (lag(subscriber) > 0) {
          slowest.add(subscriber);
          if (slowest.size() > MAX_SLOW_SUBSCRIBERS) {
            slowest.remove();
          }
        }
      }
    }
    long now = clock.getAsLong();
    return slowest.stream()
        .sorted(Comparator.<Subscriber>comparingLong(this::lag).reversed())
        .map(subscriber -> describe(subscriber, now))
        .toList();
  }

  private SlowSubscriber describe(Subscriber subscriber, long now) {
    return new SlowSubscriber(
        subscriber.audience().topics(),
        lag(subscriber),
        now - subscriber.laggingSince(),
        subscriber.client());
  }
}
