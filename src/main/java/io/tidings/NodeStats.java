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
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** What a node tells of itself, to the others and to whoever watches. Any thread. */
final class NodeStats {
  /** Rates are over a second at least, however often somebody asks. */
  private static final long SHORTEST_NANOS = Duration.ofMillis(900).toNanos();

  private static final int MAX_STRAGGLERS = 10;

  private final EventLog log;
  private final SubscriptionCounts roll;
  private final Readiness readiness;
  private final Metrics metrics;
  private final String logKind;
  private final RateMeter pulse;
  private RateMeter.Beat beat;
  private long beaten;

  NodeStats(
      EventLog log, String logKind, SubscriptionCounts roll, Readiness readiness, Metrics metrics) {
    this.log = log;
    this.logKind = logKind;
    this.roll = roll;
    this.readiness = readiness;
    this.metrics = metrics;
    this.beaten = System.nanoTime();
    this.pulse = new RateMeter(metrics, beaten);
    this.beat = pulse.beat(beaten);
  }

  /** All of it now, but rates as they were over the last second or longer. */
  JsonObject now() {
    RateMeter.Beat last = beat();
    return new JsonObject()
        .put("version", Version.TEXT)
        .put("ready", readiness.ready())
        .put("uptimeSeconds", ManagementFactory.getRuntimeMXBean().getUptime() / 1_000)
        .put("streams", roll.streams() - metrics.streamsApart())
        .put("behindSeconds", log.behindMillis() / 1e3)
        .put("newest", log.bounds().head().toString())
        .mergeIn(rates(last.traffic()))
        .put("apart", rates(last.apart()).put("streams", metrics.streamsApart()))
        .put("lagging", metrics.lagging())
        .put("lag", metrics.lag())
        .put("gaps", metrics.totals().gaps())
        .put("p50", millis(last.p50Millis()))
        .put("p99", millis(last.p99Millis()))
        .put("memory", memory())
        .put("log", size())
        .put("slow", slow());
  }

  private static JsonObject rates(RateMeter.Rates rates) {
    return new JsonObject()
        .put("in", rounded(rates.eventsIn()))
        .put("out", rounded(rates.eventsOut()))
        .put("bytesIn", rounded(rates.bytesIn()))
        .put("bytesOut", rounded(rates.bytesOut()));
  }

  private synchronized RateMeter.Beat beat() {
    long now = System.nanoTime();
    if (now - beaten >= SHORTEST_NANOS) {
      beat = pulse.beat(now);
      beaten = now;
    }
    return beat;
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
    LogSize holding = log.size();
    String oldest =
        holding.oldestMillis().isPresent()
            ? Instant.ofEpochMilli(holding.oldestMillis().getAsLong()).toString()
            : null;
    return new JsonObject()
        .put("kind", logKind)
        .put("state", readiness.log().name().toLowerCase(Locale.ROOT))
        .put("bytes", holding.bytes())
        .put("entries", holding.entries())
        .put("oldest", oldest);
  }

  private JsonArray slow() {
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    var list = new JsonArray();
    for (SlowSubscriber straggler : roll.slowest(MAX_STRAGGLERS)) {
      list.add(
          new JsonObject()
              .put("topics", new JsonArray(straggler.topics()))
              .put("lag", straggler.lag())
              .put("since", now.minusMillis(straggler.behindMillis()).toString())
              .put("address", straggler.address()));
    }
    return list;
  }
}
