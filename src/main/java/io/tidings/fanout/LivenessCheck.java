package io.tidings.fanout;

import io.tidings.settings.StreamSettings;
import java.time.Duration;

/**
 * What {@link StreamCheck} does with each stream and each audience: clients that read nothing are
 * cut, clients that were sent nothing get a heartbeat, and polls whose clients may be gone are
 * answered. It also retries what a stream or an audience could not do for lack of memory. Confined
 * to the loop.
 */
final class LivenessCheck {
  private final LoopContext loop;
  private final long heartbeatMillis;
  private final long stallMillis;

  LivenessCheck(LoopContext loop, StreamSettings settings) {
    this.loop = loop;
    this.heartbeatMillis = settings.heartbeat().toMillis();
    this.stallMillis = settings.stall().toMillis();
  }

  /** Checks a stream. A failure is logged, and does not affect the others. */
  void check(Subscriber subscriber, long now) {
    try {
      if (!subscriber.left()) {
        subscriber.retry();
      }
      if (subscriber.left()) {
        return; // now, or since the slice before
      }
      if (subscriber.stalled(now, stallMillis)) {
        subscriber.cut(CloseReason.STALLED);
      } else if (subscriber.outlet().inputEnded()) {
        subscriber.expireAtHead(Duration.ZERO); // nobody may be there to wait for an event
      }
    } catch (RuntimeException | Error e) {
      loop.scheduler().reportFailure("a stream", subscriber.audience(), e);
    }
  }

  /** Checks an audience. A failure is logged, and does not affect the others. */
  void check(Audience audience, long now) {
    try {
      Delivery delivery = audience.delivery();
      boolean beats = heartbeatMillis > 0 && delivery.heartbeat(now, heartbeatMillis);
      if (beats || delivery.abandoned()) { // falling behind failed earlier for lack of memory
        loop.scheduler().add(audience);
      }
    } catch (RuntimeException | Error e) {
      loop.scheduler().reportFailure("a heartbeat", audience, e);
    }
  }
}
