package io.tidings.cluster;

import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;

/**
 * Whether the ring answers: it has not while what was asked is open for long, or while what it is
 * given is refused. Confined to the store's thread, but for {@link #addBegins}.
 */
final class Answering {
  private static final long LONG_NANOS = TimeUnit.MILLISECONDS.toNanos(1_500);

  /** When the adds were asked for that have no answer yet. */
  private final ConcurrentSkipListSet<Long> adds = new ConcurrentSkipListSet<>();

  private long lastRead = System.nanoTime();
  private boolean refusing;

  /**
   * Any thread.
   *
   * @return by which {@link #addEnds} knows it
   */
  long addBegins() {
    long began = System.nanoTime();
    while (!adds.add(began)) {
      began++; // another began in the same moment
    }
    return began;
  }

  void addEnds(long began, boolean refused) {
    adds.remove(began);
    refusing = refused;
  }

  /** The ring was read. */
  void read() {
    lastRead = System.nanoTime();
  }

  boolean well() {
    long late = System.nanoTime() - LONG_NANOS;
    return !refusing
        && lastRead - late >= 0
        && adds.stream().findFirst().filter(began -> began - late < 0).isEmpty();
  }

  /** Whether it refused what it was given last, and is not being given anything. */
  boolean mustBeTried() {
    return refusing && adds.isEmpty();
  }
}
