package io.tidings.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.distribution.CountAtBucket;
import io.micrometer.core.instrument.distribution.HistogramSnapshot;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;

/**
 * What the hub counts. Any thread; what is counted for each event is counted per event loop, and
 * summed up when it is read.
 *
 * <p>Vert.x does not report here: with vertx-micrometer-metrics a delivery cost an eighth more CPU,
 * for figures of connections and requests that nobody asked for.
 */
public final class Metrics implements AutoCloseable {
  private static final Duration[] BUCKETS =
      List.of(
              100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
              1_000_000, 5_000_000)
          .stream()
          .map(micros -> Duration.ofNanos(micros * 1_000L))
          .toArray(Duration[]::new);

  private static final System.Logger LOG = System.getLogger(Metrics.class.getName());

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final List<Loop> loops = new CopyOnWriteArrayList<>();
  private final LongAdder eventsIn = new LongAdder();
  private final LongAdder bytesIn = new LongAdder();
  private final LongAdder eventsInApart = new LongAdder();
  private final LongAdder bytesInApart = new LongAdder();
  private final LongAdder streamsApart = new LongAdder();
  private final LongAdder statsStreams = new LongAdder();
  private final LongAdder gaps = new LongAdder();
  private final LongAdder probes = new LongAdder();
  private final Map<String, Counter> closed = new ConcurrentHashMap<>();
  private final List<AutoCloseable> bound = new ArrayList<>(); // guarded by itself
  private boolean machineBound; // guarded by bound
  private final Timer delivery =
      timer(
          "tidings.delivery",
          "from append to the last socket of an audience, for the oldest entry of a chunk");

  public Metrics() {
    counter("tidings.events.in", "events appended to the log", eventsIn::doubleValue);
    counter("tidings.bytes.in", "bytes of their frames", bytesIn::doubleValue);
    counter(
        "tidings.events.out",
        "events delivered to streams",
        sum(loop -> loop.eventsOut.doubleValue()));
    counter(
        "tidings.bytes.out",
        "bytes of frames written to sockets",
        sum(loop -> loop.bytesOut.doubleValue()));
    counter("tidings.gaps", "streams that were told of a loss", gaps::doubleValue);
    gauge(
        "tidings.audiences",
        "filters that are heard, on each event loop",
        sum(loop -> loop.audiences));
    gauge("tidings.streams.lagging", "streams behind the log's head", this::lagging);
    gauge("tidings.probes", "open probes of the wire", probes::doubleValue);
    gauge("tidings.stats.streams", "open streams of /stats", statsStreams::doubleValue);
    gauge("tidings.lag.max", "entries by which the slowest stream is behind", this::lag);
  }

  /** Tells where to read whether streams can be opened, and events be published. */
  public void ready(BooleanSupplier ready) {
    gauge(
        "tidings.ready",
        "1 where streams can be opened and events be published, else 0",
        () -> ready.getAsBoolean() ? 1 : 0);
  }

  /** Tells where to read how many streams are open. */
  public void streams(DoubleSupplier open) {
    gauge("tidings.streams", "open streams", open);
  }

  /**
   * Tells where to read how many nodes there are, and by how many milliseconds this one is behind.
   */
  public void cluster(DoubleSupplier nodes, LongSupplier behindMillis) {
    gauge("tidings.cluster.nodes", "nodes that this one hears, and itself", nodes);
    gauge(
        "tidings.log.behind.seconds",
        "since when the log has something that this node has not",
        () -> behindMillis.getAsLong() / 1e3);
  }

  /** Tells where to read how many bytes a share of the memory's budget has, and may have. */
  public void memory(String share, LongSupplier used, LongSupplier limit) {
    memory("tidings.memory.used.bytes", "memory that is taken, by share", share, used);
    memory("tidings.memory.limit.bytes", "memory that may be taken, by share", share, limit);
  }

  private void memory(String name, String description, String share, LongSupplier bytes) {
    Gauge.builder(name, bytes::getAsLong)
        .description(description)
        .tag("share", share)
        .register(registry);
  }

  /** What a log on disk counts. */
  public Log log() {
    return new Log();
  }

  /** An event loop that counts for itself. */
  public Loop loop() {
    var loop = new Loop();
    loops.add(loop);
    return loop;
  }

  /** So many events, of so many bytes as frames, were appended. */
  public void appended(int events, long bytes) {
    eventsIn.add(events);
    bytesIn.add(bytes);
  }

  /** So many of the appended events, of so many bytes as frames, are the hub's own clock. */
  public void appendedApart(int events, long bytes) {
    eventsInApart.add(events);
    bytesInApart.add(bytes);
  }

  /** So many more streams of dashboards are open; fewer, where it is negative. */
  public void streamsApart(int more) {
    streamsApart.add(more);
  }

  /** The number of open streams of dashboards. */
  public int streamsApart() {
    return streamsApart.intValue();
  }

  /** So many more streams of /stats are open; fewer, where it is negative. */
  public void statsStreams(int more) {
    statsStreams.add(more);
  }

  /** A stream was told of a loss. */
  public void gap() {
    gaps.increment();
  }

  /** So many more probes are open; fewer, where it is negative. */
  public void probes(int more) {
    probes.add(more);
  }

  /** A stream ended, for the reason that the word names. */
  public void closed(String reason) {
    closed.computeIfAbsent(reason, this::closedCounter).increment();
  }

  private Counter closedCounter(String reason) {
    return Counter.builder("tidings.streams.closed")
        .description("streams that ended, by reason")
        .tag("reason", reason)
        .register(registry);
  }

  /** An entry was delivered so long after the log had it. */
  public void delivered(long nanos) {
    delivery.record(nanos, TimeUnit.NANOSECONDS);
  }

  /** What was counted up to now. */
  public Totals totals() {
    return new Totals(
        eventsIn.sum(),
        bytesIn.sum(),
        loops.stream().mapToLong(loop -> loop.eventsOut.sum()).sum(),
        loops.stream().mapToLong(loop -> loop.bytesOut.sum()).sum(),
        gaps.sum());
  }

  /** Of the totals, the hub's own traffic: its clock, and what went to dashboards. */
  public Totals totalsApart() {
    return new Totals(
        eventsInApart.sum(),
        bytesInApart.sum(),
        loops.stream().mapToLong(loop -> loop.eventsOutApart.sum()).sum(),
        loops.stream().mapToLong(loop -> loop.bytesOutApart.sum()).sum(),
        0);
  }

  /** How many streams are behind. */
  public long lagging() {
    return loops.stream().mapToLong(loop -> loop.lagging).sum();
  }

  /** By how many entries the slowest of them is. */
  public long lag() {
    return loops.stream().mapToLong(loop -> loop.lag).max().orElse(0);
  }

  /** How many deliveries took at most as long as each of the bounds, and, last, how many in all. */
  long[] delays() {
    HistogramSnapshot snapshot = delivery.takeSnapshot();
    CountAtBucket[] buckets = snapshot.histogramCounts();
    var counts = new long[BUCKETS.length + 1];
    for (int i = 0; i < BUCKETS.length; i++) {
      counts[i] = (long) buckets[i].count();
    }
    counts[BUCKETS.length] = snapshot.count();
    return counts;
  }

  static double delayBoundMillis(int bucket) {
    return BUCKETS[bucket].toNanos() / 1e6;
  }

  /** All of it as text, as Prometheus reads it; the machine's and the JVM's figures too. */
  public String text() {
    bindMachine();
    return registry.scrape();
  }

  /** At the first reading and not before: they take a while to load. */
  private void bindMachine() {
    synchronized (bound) {
      if (machineBound) {
        return;
      }
      machineBound = true;
      var jvm =
          List.<MeterBinder>of(
              new JvmMemoryMetrics(),
              new JvmGcMetrics(),
              new JvmThreadMetrics(),
              new ProcessorMetrics(),
              new FileDescriptorMetrics(),
              new UptimeMetrics());
      for (MeterBinder binder : jvm) {
        binder.bindTo(registry);
        if (binder instanceof AutoCloseable listening) {
          bound.add(listening);
        }
      }
    }
  }

  /** Listens no more to the JVM's garbage collections; what was counted can still be read. */
  @Override
  public void close() {
    synchronized (bound) {
      machineBound = true; // a reading that comes late binds nothing
      for (AutoCloseable listening : bound) {
        try {
          listening.close();
        } catch (Exception e) {
          LOG.log(System.Logger.Level.ERROR, "a figure of the JVM was not given back", e);
        }
      }
      bound.clear();
    }
  }

  private DoubleSupplier sum(ToDoubleFunction<Loop> of) {
    return () -> loops.stream().mapToDouble(of).sum();
  }

  private Timer timer(String name, String description) {
    return Timer.builder(name)
        .description(description)
        .serviceLevelObjectives(BUCKETS)
        .register(registry);
  }

  private void counter(String name, String description, DoubleSupplier value) {
    // by this object, for the registry keeps what it reads from only weakly
    FunctionCounter.builder(name, this, metrics -> value.getAsDouble())
        .description(description)
        .register(registry);
  }

  private void gauge(String name, String description, DoubleSupplier value) {
    Gauge.builder(name, value::getAsDouble).description(description).register(registry);
  }

  /** What was counted since the start. */
  public record Totals(long eventsIn, long bytesIn, long eventsOut, long bytesOut, long gaps) {}

  /** The counts of one event loop, written by it alone. */
  public static final class Loop {
    private final LongAdder eventsOut = new LongAdder();
    private final LongAdder bytesOut = new LongAdder();
    private final LongAdder eventsOutApart = new LongAdder();
    private final LongAdder bytesOutApart = new LongAdder();
    private volatile long audiences;
    private volatile long lagging;
    private volatile long lag;

    private Loop() {}

    /** So many events, of so many bytes together, were written to so many sockets. */
    public void delivered(int events, int bytes, int sockets) {
      eventsOut.add((long) events * sockets);
      bytesOut.add((long) bytes * sockets);
    }

    /** So many of the delivered events are the clock's, or went to dashboards. */
    public void deliveredApart(int events, int bytes, int sockets) {
      eventsOutApart.add((long) events * sockets);
      bytesOutApart.add((long) bytes * sockets);
    }

    /**
     * How it stands: audiences, streams that are behind, and by how many entries the last of them
     * is.
     */
    public void standing(long audiencesNow, long laggingNow, long lagNow) {
      audiences = audiencesNow;
      lagging = laggingNow;
      lag = lagNow;
    }
  }

  /** The counts of a log on disk. */
  public final class Log {
    private final Timer appends =
        timer("tidings.log.append", "from asking for an append to its being as durable as set");
    private final Timer forces = timer("tidings.log.force", "forcing what was written to the disk");

    private Log() {}

    /** An append took so long. */
    public void appended(long nanos) {
      appends.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** What was written was forced to the disk, which took so long. */
    public void forced(long nanos) {
      forces.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** Tells where to read what the log has. */
    public void standing(
        LongSupplier bytes, LongSupplier entries, IntSupplier segments, DoubleSupplier oldest) {
      gauge("tidings.log.bytes", "bytes of records on the disk", bytes::getAsLong);
      gauge("tidings.log.entries", "entries that the log has", entries::getAsLong);
      gauge("tidings.log.segments", "files that they are in", segments::getAsInt);
      gauge("tidings.log.oldest.seconds", "age of the oldest entry", oldest);
    }
  }
}
