package io.tidings.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.CountAtBucket;
import io.micrometer.core.instrument.distribution.HistogramSnapshot;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;

/**
 * The metrics of a hub. Any thread; per-event counts are kept per event loop and summed up when
 * they are read. <em>Internal</em> traffic is the hub's own: its clock, and the streams of
 * dashboards. It is included in the totals, and counted separately so that statistics can subtract
 * it.
 *
 * <p>The metrics of Vert.x are not used: vertx-micrometer-metrics increased the CPU time of a
 * delivery by an eighth.
 */
public final class Metrics implements AutoCloseable {
  private final Meters meters = new Meters();
  private final List<LoopMetrics> loops = new CopyOnWriteArrayList<>();
  private final LongAdder eventsIn = new LongAdder();
  private final LongAdder bytesIn = new LongAdder();
  private final LongAdder internalEventsIn = new LongAdder();
  private final LongAdder internalBytesIn = new LongAdder();
  private final LongAdder internalStreams = new LongAdder();
  private final LongAdder statsStreams = new LongAdder();
  private final LongAdder gaps = new LongAdder();
  private final LongAdder probes = new LongAdder();
  private final Map<String, Counter> closed = new ConcurrentHashMap<>();
  private final Timer delivery =
      meters.timer(
          "tidings.delivery",
          "time from append to the last socket of an audience, for the oldest entry of a chunk");
  private final RequestMetrics requests = new RequestMetrics(meters);

  public Metrics() {
    meters.counter("tidings.events.in", "events appended to the log", eventsIn::doubleValue);
    meters.counter("tidings.bytes.in", "bytes of appended events as frames", bytesIn::doubleValue);
    meters.counter(
        "tidings.events.out", "events delivered to streams", () -> sum(LoopMetrics::eventsOut));
    meters.counter(
        "tidings.bytes.out",
        "bytes of frames written to sockets",
        () -> sum(LoopMetrics::bytesOut));
    meters.counter("tidings.gaps", "gaps reported to streams", gaps::doubleValue);
    meters.gauge(
        "tidings.audiences",
        "distinct filters with subscribers, per event loop",
        () -> sum(LoopMetrics::audiences));
    meters.gauge("tidings.streams.lagging", "streams behind the head of the log", this::lagging);
    meters.gauge("tidings.probes", "open /probe streams", probes::doubleValue);
    meters.gauge("tidings.stats.streams", "open /stats streams", statsStreams::doubleValue);
    meters.gauge("tidings.lag.max", "entries by which the slowest stream is behind", this::maxLag);
  }

  /** Registers what this build is. */
  public void build(String version) {
    meters.info(
        "tidings.build.info",
        "1; the labels tell the version of the hub and of Java",
        "version",
        version,
        "java",
        System.getProperty("java.version"));
  }

  /** The counts of requests and refusals. */
  public RequestMetrics requests() {
    return requests;
  }

  /** Registers the gauge of readiness. */
  public void ready(BooleanSupplier ready) {
    meters.gauge(
        "tidings.ready",
        "1 if the hub accepts subscriptions and publications, else 0",
        () -> ready.getAsBoolean() ? 1 : 0);
  }

  /**
   * Registers the gauge of the end: a hub that ends its streams is not ready, and nothing is wrong.
   */
  public void stopping(BooleanSupplier stopping) {
    meters.gauge(
        "tidings.stopping",
        "1 while the hub ends its streams, else 0",
        () -> stopping.getAsBoolean() ? 1 : 0);
  }

  /** Registers the gauge of the expiry of the certificates in use, in seconds since 1970. */
  public void certificate(LongSupplier expirySeconds) {
    meters.gauge(
        "tidings.tls.expiry.seconds",
        "when the first of the certificates in use expires, in seconds since 1970",
        expirySeconds::getAsLong);
  }

  /** Registers the same of the certificate that this node shows to its cluster. */
  public void clusterCertificate(LongSupplier expirySeconds) {
    meters.gauge(
        "tidings.cluster.tls.expiry.seconds",
        "when this node's certificate for the cluster expires, in seconds since 1970",
        expirySeconds::getAsLong);
  }

  /** Registers the gauge of open streams. */
  public void streams(DoubleSupplier open) {
    meters.gauge("tidings.streams", "open streams", open);
  }

  /**
   * Registers the gauges of a cluster's nodes.
   *
   * @param connected those of the voters
   * @param edges those that are connected
   */
  public void cluster(DoubleSupplier connected, DoubleSupplier voters, DoubleSupplier edges) {
    meters.gauge("tidings.cluster.nodes", "connected voters, this one included", connected);
    meters.gauge("tidings.cluster.voters", "voters of the cluster, connected or not", voters);
    meters.gauge("tidings.cluster.edges", "connected edges, this one included", edges);
  }

  /**
   * Registers the gauge of a log that several hubs share.
   *
   * @param behindMillis for how long this node has been missing entries of the shared log
   */
  public void sharedLog(LongSupplier behindMillis) {
    meters.gauge(
        "tidings.log.behind.seconds",
        "for how long this node has been missing entries of the shared log",
        () -> behindMillis.getAsLong() / 1e3);
  }

  /** Registers the gauges of one share of the memory budget, in bytes. */
  public void memory(String share, LongSupplier used, LongSupplier limit) {
    meters.gauge(
        "tidings.memory.used.bytes", "memory in use, by share", "share", share, used::getAsLong);
    meters.gauge(
        "tidings.memory.limit.bytes", "memory limit, by share", "share", share, limit::getAsLong);
  }

  /** Registers the metrics of a log on disk. */
  public LogMetrics log() {
    return new LogMetrics(meters);
  }

  /** Adds the counts of one event loop. */
  public LoopMetrics loop() {
    var loop = new LoopMetrics();
    loops.add(loop);
    return loop;
  }

  /**
   * Counts appended events.
   *
   * @param bytes their size as frames
   */
  public void appended(int events, long bytes) {
    eventsIn.add(events);
    bytesIn.add(bytes);
  }

  /** Counts the part of the appended events that is the hub's own clock. */
  public void appendedInternal(int events, long bytes) {
    internalEventsIn.add(events);
    internalBytesIn.add(bytes);
  }

  /** Adds to the number of open streams of dashboards; negative for closed ones. */
  public void internalStreams(int added) {
    internalStreams.add(added);
  }

  /** The number of open streams of dashboards. */
  public int internalStreams() {
    return internalStreams.intValue();
  }

  /** Adds to the number of open /stats streams; negative for closed ones. */
  public void statsStreams(int added) {
    statsStreams.add(added);
  }

  /** Adds to the number of open /probe streams; negative for closed ones. */
  public void probes(int added) {
    probes.add(added);
  }

  /** Counts a gap that was reported to a stream. */
  public void gap() {
    gaps.increment();
  }

  /** Counts a stream that was closed, by reason. */
  public void closed(String reason) {
    closed
        .computeIfAbsent(
            reason,
            tag ->
                meters.counter(
                    "tidings.streams.closed", "closed streams, by reason", "reason", tag))
        .increment();
  }

  /** Records the time from append to delivery of an entry. */
  public void delivered(long nanos) {
    delivery.record(nanos, TimeUnit.NANOSECONDS);
  }

  /** All counts since the start. */
  public Totals totals() {
    return new Totals(
        eventsIn.sum(),
        bytesIn.sum(),
        sum(LoopMetrics::eventsOut),
        sum(LoopMetrics::bytesOut),
        gaps.sum());
  }

  /** The internal part of {@link #totals}; without gaps. */
  public Totals internalTotals() {
    return new Totals(
        internalEventsIn.sum(),
        internalBytesIn.sum(),
        sum(LoopMetrics::internalEventsOut),
        sum(LoopMetrics::internalBytesOut),
        0);
  }

  /** The number of streams behind the head of the log. */
  public long lagging() {
    return sum(LoopMetrics::lagging);
  }

  /** The entries by which the slowest stream is behind. */
  public long maxLag() {
    return loops.stream().mapToLong(LoopMetrics::maxLag).max().orElse(0);
  }

  /** The cumulative counts of the delivery histogram's buckets, followed by the total count. */
  long[] deliveryBuckets() {
    HistogramSnapshot snapshot = delivery.takeSnapshot();
    CountAtBucket[] buckets = snapshot.histogramCounts();
    var counts = new long[Meters.BUCKETS.length + 1];
    for (int i = 0; i < Meters.BUCKETS.length; i++) {
      counts[i] = (long) buckets[i].count();
    }
    counts[Meters.BUCKETS.length] = snapshot.count();
    return counts;
  }

  static double bucketBoundMillis(int bucket) {
    return Meters.BUCKETS[bucket].toNanos() / 1e6;
  }

  /** All metrics in Prometheus' text format, with those of the JVM, the process and the machine. */
  public String text() {
    return meters.scrape();
  }

  /** Removes the listeners on garbage collections; metrics can still be read. */
  @Override
  public void close() {
    meters.close();
  }

  private long sum(ToLongFunction<LoopMetrics> count) {
    return loops.stream().mapToLong(count).sum();
  }

  /** Counts since the start. */
  public record Totals(long eventsIn, long bytesIn, long eventsOut, long bytesOut, long gaps) {}
}
