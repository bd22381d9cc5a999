package io.tidings.metrics;

import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/** The metrics of a log on disk. Any thread. */
public final class LogMetrics {
  private final Meters meters;
  private final Timer appends;
  private final Timer forces;

  LogMetrics(Meters meters) {
    this.meters = meters;
    this.appends =
        meters.timer(
            "tidings.log.append", "time from an append request until it is durable per log.sync");
    this.forces = meters.timer("tidings.log.force", "time to force written records to the disk");
  }

  /** Records the duration of an append. */
  public void appended(long nanos) {
    appends.record(nanos, TimeUnit.NANOSECONDS);
  }

  /** Records the duration of forcing written records to the disk. */
  public void forced(long nanos) {
    forces.record(nanos, TimeUnit.NANOSECONDS);
  }

  /**
   * Registers what is fetched from other nodes of a cluster.
   *
   * @param bytes that were received
   * @param remaining the bytes that are to be received
   */
  public void registerFetch(LongSupplier bytes, LongSupplier remaining) {
    meters.counter(
        "tidings.log.fetched.bytes",
        "bytes of the log that were fetched from other nodes",
        bytes::getAsLong);
    meters.gauge(
        "tidings.log.fetch.remaining.bytes",
        "bytes that are to be fetched from another node",
        remaining::getAsLong);
  }

  /**
   * Registers the gauges of the log's size.
   *
   * @param oldestSeconds the age of the oldest entry
   */
  public void registerSize(
      LongSupplier bytes,
      LongSupplier entries,
      IntSupplier segments,
      DoubleSupplier oldestSeconds) {
    meters.gauge("tidings.log.bytes", "bytes of records on disk", bytes::getAsLong);
    meters.gauge("tidings.log.entries", "entries in the log", entries::getAsLong);
    meters.gauge("tidings.log.segments", "segment files of the log", segments::getAsInt);
    meters.gauge("tidings.log.oldest.seconds", "age of the oldest entry", oldestSeconds);
  }
}
