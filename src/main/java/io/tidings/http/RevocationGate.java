package io.tidings.http;

import io.tidings.auth.TokenGate;
import io.tidings.log.LogState;
import io.tidings.settings.AuthSettings.Isolated;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Lets tokens in as far as the hub can know that they are not revoked, by the state of its log, in
 * which revocations are. Any thread.
 */
public final class RevocationGate implements TokenGate {
  /** A log in a shared store that is behind for longer does not hear of revocations. */
  private static final long BEHIND_MILLIS = 3_000;

  private final boolean voter;
  private final Isolated isolated;
  private final LongSupplier behindMillis;
  private final long isolatedMillis;
  private volatile LogState state;

  /**
   * @param voter whether the log is that of a cluster, of which this node hears only while it is
   *     connected to a majority and has applied what was committed before
   * @param isolated which tokens an isolated node accepts
   * @param behindMillis for how long the log has not heard of other hubs' records
   * @param isolatedAfter after which time a hub is isolated that can't reach the store of its log
   */
  public RevocationGate(
      boolean voter, Isolated isolated, LongSupplier behindMillis, Duration isolatedAfter) {
    this.isolatedMillis = isolatedAfter.toMillis();
    this.behindMillis = behindMillis;
    this.voter = voter;
    this.isolated = isolated;
    this.state = voter ? LogState.READ_ONLY : LogState.UP;
  }

  /** Updates the state of the log. */
  public void log(LogState now) {
    state = now;
  }

  @Override
  public boolean admitsKnown() {
    return isolated == Isolated.KNOWN || !isIsolated();
  }

  private boolean isIsolated() {
    return switch (state) {
      case ISOLATED -> true;
      case READ_ONLY -> !voter && behindMillis.getAsLong() >= isolatedMillis;
      case UP, DOWN -> false;
    };
  }

  @Override
  public boolean admitsNew() {
    return switch (state) {
      case UP -> true;
      case READ_ONLY -> !voter && behindMillis.getAsLong() < BEHIND_MILLIS;
      case ISOLATED, DOWN -> false;
    };
  }
}
