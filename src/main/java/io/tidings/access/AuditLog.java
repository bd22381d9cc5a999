package io.tidings.access;

import io.tidings.limits.Rate;
import io.tidings.logging.Logging;
import io.tidings.metrics.Refusal;
import io.tidings.metrics.RequestMetrics;
import io.tidings.settings.LoggingSettings;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;

/**
 * Logs decisions about clients, as JSON, under the name {@code io.tidings.audit}: who asked for
 * what through which door, and what was decided. Any thread.
 *
 * <p>A line has names and topics, never a token or data. What clients sent is shortened and has
 * only printable characters, so that it can neither forge a line nor control a terminal. At most
 * {@link #LINES} lines a second are written for refusals, and as many for what is allowed, so that
 * a flood fills no disk; then one line has the number of those left out.
 */
final class AuditLog {
  static final int LINES = 50;
  static final int MAX_LENGTH = 200;

  private static final System.Logger LOG = System.getLogger(Logging.AUDIT);
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final char REPLACEMENT = '\uFFFD';
  private static final String ELLIPSIS = "\u2026";
  private static final int REFUSED = 0;
  private static final int ALLOWED = 1;
  private static final int SUMMARY = 2;

  private final LoggingSettings.Audit level;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final Rate refusedLines = new Rate(REFUSED, LINES, SECOND, SECOND);
  private final Rate allowedLines = new Rate(ALLOWED, LINES, SECOND, SECOND);
  private final Rate summaries = new Rate(SUMMARY, 1, SECOND, SECOND);
  private final AtomicLongArray buckets;

  /** The refusals that were not logged since the last summary, by reason. */
  private final AtomicLongArray refusedOmitted = new AtomicLongArray(Refusal.values().length);

  private final AtomicLong allowedOmitted = new AtomicLong();

  /**
   * @param clock the time of the lines
   * @param nanoTime as {@link System#nanoTime}, for their rate
   */
  AuditLog(LoggingSettings.Audit level, InstantSource clock, LongSupplier nanoTime) {
    this.level = level;
    this.clock = clock;
    this.nanoTime = nanoTime;
    long now = nanoTime.getAsLong();
    this.buckets = new AtomicLongArray(new long[] {now, now, now});
  }

  /** Whether it logs what is allowed. */
  boolean logsAllowed() {
    return level == LoggingSettings.Audit.ALL;
  }

  /** A stream was opened, something was published or read, or a login has succeeded. */
  void allowed(Access access) {
    if (!logsAllowed()) {
      return;
    }
    if (allowedLines.take(buckets, 1, nanoTime.getAsLong()) > 0) {
      allowedOmitted.incrementAndGet();
      return;
    }
    write(line(access, "allowed"));
  }

  /**
   * An administrator has changed something; logged whatever is allowed, and never left out.
   *
   * @param detail what was done, in a few words that contain no secret
   */
  void administered(Access access, String detail) {
    if (level == LoggingSettings.Audit.OFF) {
      return;
    }
    JsonObject line = line(access, "allowed");
    putUnlessEmpty(line, "detail", detail);
    write(line);
  }

  /**
   * A request was refused.
   *
   * @param detail more about the reason, in a few words that contain no secret; may be empty
   */
  void refused(Access access, Refusal reason, String detail) {
    if (level == LoggingSettings.Audit.OFF) {
      return;
    }
    if (refusedLines.take(buckets, 1, nanoTime.getAsLong()) > 0) {
      refusedOmitted.incrementAndGet(reason.ordinal());
      return;
    }
    JsonObject line = line(access, "refused").put("reason", RequestMetrics.word(reason));
    putUnlessEmpty(line, "detail", detail);
    write(line);
  }

  /** Logs how many lines were left out, at most once a second. Called by timers. */
  void tick() {
    Optional<JsonObject> omitted = summary();
    if (omitted.isPresent()) {
      write(omitted.get());
    }
  }

  private Optional<JsonObject> summary() {
    long refused = 0;
    for (int i = 0; i < refusedOmitted.length(); i++) {
      refused += refusedOmitted.get(i);
    }
    if (refused + allowedOmitted.get() == 0
        || summaries.take(buckets, 1, nanoTime.getAsLong()) > 0) {
      return Optional.empty();
    }
    var reasons = new JsonObject();
    for (Refusal reason : Refusal.values()) {
      long count = refusedOmitted.getAndSet(reason.ordinal(), 0);
      if (count > 0) {
        reasons.put(RequestMetrics.word(reason), count);
      }
    }
    return Optional.of(
        new JsonObject()
            .put("time", time())
            .put("decision", "omitted")
            .put("allowed", allowedOmitted.getAndSet(0))
            .put("refused", reasons));
  }

  private JsonObject line(Access access, String decision) {
    var line = new JsonObject().put("time", time());
    putUnlessEmpty(line, "issuer", access.caller().principal().issuer());
    putUnlessEmpty(line, "subject", access.caller().principal().subject());
    putUnlessEmpty(line, "address", access.caller().address());
    line.put("door", access.door().word());
    putUnlessEmpty(line, "topic", access.topic().get());
    return line.put("decision", decision);
  }

  private String time() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS).toString();
  }

  private static void putUnlessEmpty(JsonObject line, String name, String value) {
    if (!value.isEmpty()) {
      line.put(name, printable(value));
    }
  }

  /**
   * The text, shortened, with a replacement for control and format characters (among them those
   * that reverse the direction of text), line separators and what is no character.
   */
  private static String printable(String text) {
    var shown = new StringBuilder();
    text.codePoints()
        .limit(MAX_LENGTH)
        .map(c -> isPrintable(c) ? c : REPLACEMENT)
        .forEach(shown::appendCodePoint);
    return text.codePointCount(0, text.length()) > MAX_LENGTH
        ? shown.append(ELLIPSIS).toString()
        : shown.toString();
  }

  private static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }

  private static void write(JsonObject line) {
    LOG.log(System.Logger.Level.INFO, "{0}", line);
  }
}
