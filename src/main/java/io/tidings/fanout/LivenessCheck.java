package io.tidings.fanout;

import io.tidings.settings.StreamSettings;
import java.util.Collection;

/**
 * The periodic check of one event loop's streams: clients that read nothing are cut, and clients
 * that were sent nothing get a heartbeat. It also retries what a stream or an audience could not do
 * for lack of memory. Confined to the loop.
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
      audience.subscribers().forEach(subscriber -> cutIfStalled(subscriber, now));
      if (heartbeatMillis > 0) {
        heartbeat(audience, now, position);
      }
      if (audience.delivery().abandoned()) {
        loop.scheduler().add(audience); // falling behind failed earlier for lack of memory
      }
    }
  }

  private void cutIfStalled(Subscriber subscriber, long now) {
    try {
      if (subscriber.stalled(now, stallMillis)) {
        subscriber.cut(CloseReason.STALLED);
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
