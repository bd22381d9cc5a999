package io.tidings.metrics;

/** How a request was answered, as a label of metrics. */
public enum Outcome {
  /** 1xx, 2xx, 3xx; a stream counts when it begins. */
  OK,
  /** A status that is none of the others: the request broke a rule. */
  INVALID,
  /** 401, 403 or 421: the request is not allowed. */
  REFUSED,
  /** 429, or {@code hub.busy} in its place: a limit of the client. */
  LIMITED,
  /** 503, or {@code hub.busy} in its place: not possible now. */
  UNAVAILABLE,
  /** 504: it is unknown whether the event was stored. */
  UNKNOWN,
  /** 500: a bug. */
  FAILED;

  /** The outcome that a status of HTTP means. */
  public static Outcome of(int status) {
    return switch (status) {
      case 401, 403, 421 -> REFUSED;
      case 429 -> LIMITED;
      case 500 -> FAILED;
      case 503 -> UNAVAILABLE;
      case 504 -> UNKNOWN;
      default -> status < 400 ? OK : INVALID;
    };
  }
}
