package io.tidings.fanout;

import io.tidings.settings.StreamSettings;
import java.time.Duration;
import java.util.Collection;

/**
 * The periodic check of one event loop's streams: clients that read nothing are cut, clients that
 * were sent nothing get a heartbeat, and polls whose clients may be gone are answered. It also
 * retries what a stream or an audience could not do for lack of memory. Confined to the loop.
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

  /**
   * Checks the given audiences. A failure of one does not affect the others.
   *
   * @param audiences a copy, since an audience whose last stream is cut is removed
   */
  void run(Collection<Audience> audiences) {
    long now = loop.now();
    String position = loop.head().position().toString();
    for (Audience audience : audiences) {
      audience.subscribers().forEach(subscriber -> check(subscriber, now));
      if (heartbeatMillis > 0) {
        heartbeat(audience, now, position);
      }
      if (audience.delivery().abandoned()) {
        loop.scheduler().add(audience); // falling behind failed earlier for lack of memory
      }
    }
  }

  private void check(Subscriber subscriber, long now) {
    try {
      if (subscriber.stalled(now, stallMillis)) {
        subscriber.cut(CloseReason.STALLED);
      } else if (subscriber.outlet().inputEnded()) {
        subscriber.expireAtHead(Duration.ZERO); // nobody may be there to wait for an event
      }
    } catch (RuntimeException | Error e) {
      loop.scheduler().reportFailure("a stream", subscriber.audience(), e);
    }
  }

  private void heartbeat(Audience audience, long now, String position) {
    try {
      if (audience.delivery().heartbeat(now, heartbeatMillis, position)) {
        loop.scheduler().add(audience);
      }
    } catch (RuntimeException | Error e) {
      loop.scheduler().reportFailure("a heartbeat", audience, e);
    }
  }
}
