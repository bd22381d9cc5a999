package io.tidings.access;

import io.tidings.limits.ClientLimits;
import io.tidings.limits.LimitExceeded;
import io.tidings.limits.LimitKey;

/**
 * A publication that is counted in two steps: its bytes before its body is read, where their number
 * is announced, and its events when they are known. Confined to one event loop.
 */
public final class PublishCharge {
  /** Counts nothing, for the hub itself. */
  public static final PublishCharge NONE = new PublishCharge(null, null, null, null, 0);

  private final ClientGuard guard;
  private final ClientLimits limits;
  private final Access access;
  private final LimitKey key;
  private final long announced;
  private int events;
  private int bytes;

  /**
   * @param announced the length of the body; 0 if it is not known
   */
  PublishCharge(
      ClientGuard guard, ClientLimits limits, Access access, LimitKey key, long announced) {
    this.guard = guard;
    this.limits = limits;
    this.access = access;
    this.key = key;
    this.announced = announced;
  }

  /**
   * Counts the bytes that are announced.
   *
   * @throws LimitExceeded if these, or any event, may not be published now
   */
  void begin() {
    limits.publish(key, 0, announced);
  }

  /**
   * Counts the events, and the bytes that were not announced.
   *
   * @param events the number of events
   * @param bytes the length of the body
   * @throws LimitExceeded if they may not be published now; then nothing is counted
   */
  public void complete(int events, int bytes) {
    if (this == NONE) {
      return;
    }
    this.events = events;
    this.bytes = bytes;
    try {
      limits.publish(key, events, Math.max(0, bytes - announced));
    } catch (LimitExceeded e) {
      limits.refuseBytes(key, announced);
      throw guard.exceeded(access, e);
    }
  }

  /** They were published: counts them for the publisher's rate. */
  public void published() {
    if (this != NONE) {
      guard.publishers().published(key, events, bytes);
    }
  }
}
