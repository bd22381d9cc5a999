package io.tidings.metrics;

import java.util.concurrent.atomic.LongAdder;

/**
 * The counts of one event loop: written by its thread alone, so that deliveries share no cache line
 * between loops, and summed up by {@link Metrics} when they are read.
 */
public final class LoopMetrics {
  private final LongAdder eventsOut = new LongAdder();
  private final LongAdder bytesOut = new LongAdder();
  private final LongAdder internalEventsOut = new LongAdder();
  private final LongAdder internalBytesOut = new LongAdder();
  private volatile long audiences;
  private volatile long lagging;
  private volatile long maxLag;

  LoopMetrics() {}

  /**
   * Counts a chunk that was written to a number of sockets.
   *
   * @param events the events in the chunk
   * @param bytes the size of the chunk
   */
  public void delivered(int events, int bytes, int sockets) {
    eventsOut.add((long) events * sockets);
    bytesOut.add((long) bytes * sockets);
  }

  /** Counts the part of the delivered events that is the hub's own clock, or went to dashboards. */
  public void deliveredInternal(int events, int bytes, int sockets) {
    internalEventsOut.add((long) events * sockets);
    internalBytesOut.add((long) bytes * sockets);
  }

  /**
   * Sets the current state of the loop.
   *
   * @param lagging the number of streams behind the head
   * @param maxLag the entries by which the slowest stream is behind
   */
  public void report(long audiences, long lagging, long maxLag) {
    this.audiences = audiences;
    this.lagging = lagging;
    this.maxLag = maxLag;
  }

  long eventsOut() {
    return eventsOut.sum();
  }

  long bytesOut() {
    return bytesOut.sum();
  }

  long internalEventsOut() {
    return internalEventsOut.sum();
  }

  long internalBytesOut() {
    return internalBytesOut.sum();
  }

  long audiences() {
    return audiences;
  }

  long lagging() {
    return lagging;
  }

  long maxLag() {
    return maxLag;
  }
}
