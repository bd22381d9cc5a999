package io.tidings.metrics;

import io.micrometer.core.instrument.Counter;
import java.util.Locale;

/**
 * Counts requests by door and outcome, and refusals by reason. All series exist from the start, so
 * that a rate sees the first refusal; their number is fixed, since labels are enums. Any thread.
 */
public final class RequestMetrics {
  private final Counter[][] requests = new Counter[Door.values().length][Outcome.values().length];
  private final Counter[] refusals = new Counter[Refusal.values().length];

  RequestMetrics(Meters meters) {
    for (Door door : Door.values()) {
      for (Outcome outcome : Outcome.values()) {
        requests[door.ordinal()][outcome.ordinal()] =
            meters.counter(
                "tidings.requests",
                "answered requests, by door and outcome",
                "door",
                word(door),
                "outcome",
                word(outcome));
      }
    }
    for (Refusal refusal : Refusal.values()) {
      refusals[refusal.ordinal()] =
          meters.counter("tidings.refusals", "refused clients, by reason", "reason", word(refusal));
    }
  }

  /** Counts a request when it is answered. */
  public void answered(Door door, Outcome outcome) {
    requests[door.ordinal()][outcome.ordinal()].increment();
  }

  /** Counts a refusal. */
  public void refused(Refusal reason) {
    refusals[reason.ordinal()].increment();
  }

  /** The word for a label, in metrics and in audit lines. */
  public static String word(Enum<?> label) {
    return label.name().toLowerCase(Locale.ROOT);
  }
}
