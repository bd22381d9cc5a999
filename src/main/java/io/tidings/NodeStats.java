package io.tidings;

import io.tidings.fanout.SlowSubscriber;
import io.tidings.fanout.SubscriptionCounts;
import io.tidings.http.Readiness;
import io.tidings.log.EventLog;
import io.tidings.log.LogSize;
import io.tidings.metrics.Metrics;
import io.tidings.metrics.RateMeter;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * The statistics of this node, as JSON for the other nodes, {@code /cluster} and {@code /stats}.
 * Any thread.
 */
final class NodeStats {
  /** Rates cover at least this time, however often they are requested. */
  private static final long MIN_SAMPLE_NANOS = Duration.ofMillis(900).toNanos();

  private static final int MAX_SLOW_SUBSCRIBERS = 10;

  private final EventLog log;
  private final SubscriptionCounts subscriptions;
  private final Readiness readiness;
  private final Metrics metrics;
  private final String logKind;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final RateMeter rates;
  private RateMeter.Sample sample; // guarded by this
  private long sampledNanos; // guarded by this

  /**
   * @param clock the time of day, for when subscribers fell behind
   * @param nanoTime the clock that measures what rates cover, as {@link System#nanoTime}
   */
  NodeStats(
      EventLog log,
      String logKind,
      SubscriptionCounts subscriptions,
      Readiness readiness,
      Metrics metrics,
      InstantSource clock,
      LongSupplier nanoTime) {
    this.log = log;
    this.logKind = logKind;
    this.subscriptions = subscriptions;
    this.readiness = readiness;
    this.metrics = metrics;
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.sampledNanos = nanoTime.getAsLong();
    this.rates = new RateMeter(metrics, sampledNanos);
    this.sample = rates.sample(sampledNanos);
  }

  /** The current statistics; rates are those of the last second, or of a longer time. */
  JsonObject now() {
    RateMeter.Sample last = sample();
    return new JsonObject()
        .put("version", Version.TEXT)
        .put("ready", readiness.ready())
        .put("uptimeSeconds", ManagementFactory.getRuntimeMXBean().getUptime() / 1_000)
        .put("streams", subscriptions.streams() - metrics.internalStreams())
        .put("behindSeconds", log.behindMillis() / 1e3)
        .put("newest", log.bounds().head().toString())
        .mergeIn(rates(last.external()))
        .put("internal", rates(last.internal()).put("streams", metrics.internalStreams()))
        .put("lagging", metrics.lagging())
        .put("lag", metrics.maxLag())
        .put("gaps", metrics.totals().gaps())
        .put("p50", millis(last.p50Millis()))
        .put("p99", millis(last.p99Millis()))
        .put("memory", memory())
        .put("log", size())
        .put("slow", slow(subscriptions.slowest(MAX_SLOW_SUBSCRIBERS)));
  }

  private static JsonObject rates(RateMeter.Rates rates) {
    return new JsonObject()
        .put("in", rounded(rates.eventsIn()))
        .put("out", rounded(rates.eventsOut()))
        .put("bytesIn", rounded(rates.bytesIn()))
        .put("bytesOut", rounded(rates.bytesOut()));
  }

  private synchronized RateMeter.Sample sample() {
    long now = nanoTime.getAsLong();
    if (now - sampledNanos >= MIN_SAMPLE_NANOS) {
      sample = rates.sample(now);
      sampledNanos = now;
    }
    return sample;
  }

  private static double rounded(double rate) {
    return Math.round(rate * 10) / 10.0;
  }

  private static Double millis(double millis) {
    return Double.isNaN(millis) ? null : Math.round(millis * 1_000) / 1e3;
  }

  private static JsonObject memory() {
    Runtime runtime = Runtime.getRuntime();
    return new JsonObject()
        .put("used", runtime.totalMemory() - runtime.freeMemory())
        .put("max", runtime.maxMemory());
  }

  private JsonObject size() {
    LogSize logSize = log.size();
    String oldest =
        logSize.oldestMillis().isPresent()
            ? Instant.ofEpochMilli(logSize.oldestMillis().getAsLong()).toString()
            : null;
    return new JsonObject()
        .put("kind", logKind)
        .put("state", readiness.log().name().toLowerCase(Locale.ROOT))
        .put("bytes", logSize.bytes())
        .put("entries", logSize.entries())
        .put("oldest", oldest);
  }

  JsonArray slow(List<SlowSubscriber> slowest) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    var list = new JsonArray();
    for (SlowSubscriber subscriber : slowest) {
      list.add(
          new JsonObject()
              .put("topics", new JsonArray(subscriber.topics()))
              .put("lag", subscriber.lag())
              .put("since", now.minusMillis(subscriber.behindMillis()).toString())
              .put("address", subscriber.address()));
    }
    return list;
  }
}
