package io.tidings.limits;

import io.tidings.metrics.Refusal;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/**
 * The publishers of the last minute. Any thread; counting one that is known takes no lock.
 *
 * <p>The number of publishers is fixed, so that a flood of addresses does not grow it. A new one
 * takes a place that is empty, or whose publisher did nothing for a minute. Where some random
 * places have none, it replaces the least busy of them, but by chance only: the less likely the
 * more that one did (randomized admission, Ben-Basat and others, 2017). So a publisher that is busy
 * soon has a place, and addresses that are seen once take none from it.
 */
public final class RecentPublishers {
  private static final int PLACES = 1_000;
  private static final int SEARCHED = 8;

  private final LongSupplier nanoTime;
  private final long start;
  private final Map<LimitKey, PublisherState> states = new ConcurrentHashMap<>();
  private final AtomicReferenceArray<PublisherState> places;

  /**
   * @param nanoTime as {@link System#nanoTime}
   */
  public RecentPublishers(LongSupplier nanoTime) {
    this(nanoTime, PLACES);
  }

  RecentPublishers(LongSupplier nanoTime, int places) {
    this.nanoTime = nanoTime;
    this.start = nanoTime.getAsLong();
    this.places = new AtomicReferenceArray<>(places);
  }

  /** Counts what was published. */
  public void published(LimitKey key, int events, long bytes) {
    long nanos = nanos();
    PublisherState known = states.get(key);
    if (known != null) {
      known.published(events, bytes, nanos);
    } else {
      add(key, nanos).ifPresent(state -> state.published(events, bytes, nanos));
    }
  }

  /** Counts a request to publish that was refused. */
  public void refused(LimitKey key, Refusal reason) {
    long nanos = nanos();
    PublisherState known = states.get(key);
    if (known != null) {
      known.refused(reason, nanos);
    } else {
      add(key, nanos).ifPresent(state -> state.refused(reason, nanos));
    }
  }

  /** Those who did something in the last minute, the busiest first. */
  public List<PublisherRate> busiest(int limit) {
    long nanos = nanos();
    return states.values().stream()
        .filter(state -> state.actions(nanos) > 0)
        .map(state -> state.rate(nanos))
        .sorted(Comparator.comparingDouble(PublisherRate::events).reversed())
        .limit(limit)
        .toList();
  }

  int size() {
    return states.size();
  }

  private long nanos() {
    return Math.max(0, nanoTime.getAsLong() - start);
  }

  /** Adds a publisher; empty if it found no place. */
  private Optional<PublisherState> add(LimitKey key, long nanos) {
    int place = place(nanos);
    PublisherState old = places.get(place);
    if (old != null && !yields(old, nanos)) {
      return Optional.empty();
    }
    var state = new PublisherState(key);
    if (!places.compareAndSet(place, old, state)) {
      return Optional.empty(); // another thread took it
    }
    if (old != null) {
      states.remove(old.key(), old);
    }
    PublisherState other = states.putIfAbsent(key, state);
    if (other != null) {
      places.compareAndSet(place, state, null); // another thread added the same publisher
      return Optional.of(other);
    }
    return Optional.of(state);
  }

  /** Of some random places, the one of the least busy publisher. */
  private int place(long nanos) {
    int first = ThreadLocalRandom.current().nextInt(places.length());
    return IntStream.range(first, first + Math.min(SEARCHED, places.length()))
        .map(place -> place % places.length())
        .boxed()
        .min(Comparator.comparingDouble(place -> actions(place, nanos)))
        .orElseThrow();
  }

  private double actions(int place, long nanos) {
    PublisherState state = places.get(place);
    return state == null ? -1 : state.actions(nanos);
  }

  private static boolean yields(PublisherState state, long nanos) {
    return ThreadLocalRandom.current().nextDouble() * (state.actions(nanos) + 1) < 1;
  }
}
