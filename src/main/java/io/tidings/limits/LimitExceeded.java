package io.tidings.limits;

import io.tidings.metrics.Refusal;
import java.util.concurrent.TimeUnit;

/** A client has exceeded one of its limits. What it asked for was not done, and is not counted. */
public final class LimitExceeded extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private static final long TICKETS_WAIT_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final Refusal reason;
  private final String setting;
  private final String rule;
  private final int retrySeconds;

  /**
   * @param setting the key of the limit
   * @param rule what the setting allows
   * @param waitNanos after which the same request may pass
   */
  LimitExceeded(Refusal reason, String setting, String rule, long waitNanos) {
    super(setting + ": " + rule, null, false, false);
    this.reason = reason;
    this.setting = setting;
    this.rule = rule;
    this.retrySeconds = (int) Math.max(1, TimeUnit.NANOSECONDS.toSeconds(waitNanos - 1) + 1);
  }

  /**
   * Too many tickets of a client were redeemed. Nobody knows when it may redeem the next one.
   *
   * @param most how many there may be that have not ended
   */
  public static LimitExceeded ofTickets(int most) {
    return new LimitExceeded(
        Refusal.TICKETS,
        "tickets",
        "at most " + most + " redeemed tickets for each client, until the tokens of others end",
        TICKETS_WAIT_NANOS);
  }

  public Refusal reason() {
    return reason;
  }

  public String setting() {
    return setting;
  }

  public String rule() {
    return rule;
  }

  /** After how many seconds the client should try again; at least 1. */
  public int retrySeconds() {
    return retrySeconds;
  }
}
