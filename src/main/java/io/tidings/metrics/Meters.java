package io.tidings.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;

/** The Prometheus registry: how meters are created and scraped. Any thread. */
final class Meters implements AutoCloseable {
  /** The upper bounds of all histograms' buckets. */
  static final Duration[] BUCKETS =
      List.of(
              100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
              1_000_000, 5_000_000)
          .stream()
          .map(micros -> Duration.ofNanos(micros * 1_000L))
          .toArray(Duration[]::new);

  private static final System.Logger LOG = System.getLogger(Meters.class.getName());

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final List<AutoCloseable> bound = new ArrayList<>(); // guarded by itself
  private boolean jvmBound; // guarded by bound

  Timer timer(String name, String description) {
    return Timer.builder(name)
        .description(description)
        .serviceLevelObjectives(BUCKETS)
        .register(registry);
  }

  void counter(String name, String description, DoubleSupplier value) {
    // reads through this object: the registry holds the object that it reads from weakly
    FunctionCounter.builder(name, this, meters -> value.getAsDouble())
        .description(description)
        .register(registry);
  }

  /**
   * @param tags alternating names and values
   */
  Counter counter(String name, String description, String... tags) {
    return Counter.builder(name).description(description).tags(tags).register(registry);
  }

  /** Registers a gauge; it replaces one of the same name, such as that of a log that was closed. */
  void gauge(String name, String description, DoubleSupplier value) {
    Gauge earlier = registry.find(name).gauge();
    if (earlier != null) {
      registry.remove(earlier);
    }
    Gauge.builder(name, value::getAsDouble).description(description).register(registry);
  }

  void gauge(String name, String description, String tag, String tagValue, DoubleSupplier value) {
    Gauge.builder(name, value::getAsDouble)
        .description(description)
        .tag(tag, tagValue)
        .register(registry);
  }

  /**
   * Registers a gauge that is always 1 and whose tags are what it tells.
   *
   * @param tags alternating names and values
   */
  void info(String name, String description, String... tags) {
    Gauge.builder(name, () -> 1).description(description).tags(tags).register(registry);
  }

  /** All meters in Prometheus' text format, with those of the JVM, the process and the machine. */
  String scrape() {
    bindJvm();
    return registry.scrape();
  }

  /** Binds at the first scrape, because loading these binders would delay the start. */
  private void bindJvm() {
    synchronized (bound) {
      if (jvmBound) {
        return;
      }
      jvmBound = true;
      var binders =
          List.<MeterBinder>of(
              new JvmMemoryMetrics(),
              new JvmGcMetrics(),
              new JvmThreadMetrics(),
              new ProcessorMetrics(),
              new OpenFiles(),
              new UptimeMetrics());
      for (MeterBinder binder : binders) {
        binder.bindTo(registry);
        if (binder instanceof AutoCloseable closeable) {
          bound.add(closeable);
        }
      }
    }
  }

  /** Removes the listeners on garbage collections; meters can still be read. */
  @Override
  public void close() {
    synchronized (bound) {
      jvmBound = true; // a late scrape binds nothing
      for (AutoCloseable binder : bound) {
        try {
          binder.close();
        } catch (Exception e) {
          LOG.log(System.Logger.Level.ERROR, "a JVM metrics binder could not be closed", e);
        }
      }
      bound.clear();
    }
  }
}
