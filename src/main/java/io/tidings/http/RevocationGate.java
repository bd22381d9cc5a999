package io.tidings.http;

import io.tidings.auth.TokenGate;
import io.tidings.log.LogState;
import io.tidings.settings.AuthSettings.Isolated;

/**
 * Lets tokens in as far as the hub can know that they are not revoked, by the state of its log, in
 * which revocations are. Any thread.
 */
public final class RevocationGate implements TokenGate {
  private final boolean voter;
  private final Isolated isolated;
  private volatile LogState state;

  /**
   * @param voter whether the log is that of a cluster, of which this node hears only while it is
   *     connected to a majority and has applied what was committed before
   * @param isolated which tokens an isolated node accepts
   */
  public RevocationGate(boolean voter, Isolated isolated) {
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
    return state != LogState.ISOLATED || isolated == Isolated.KNOWN;
  }

  @Override
  public boolean admitsNew() {
    return switch (state) {
      case UP -> true;
      case READ_ONLY ->
          !voter; // a single node has its own revocations, whether it can write or not
      case ISOLATED, DOWN -> false;
    };
  }
}
