package io.tidings.fanout;

import io.netty.util.concurrent.EventExecutor;
import io.tidings.memory.MinuteLimiter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Which audiences of an event loop have something to be delivered, and which streams want a page.
 * Confined to the loop.
 *
 * <p>It works in turns, each a task of its own behind whatever the loop has to do already: so all
 * that came in the meantime leaves together. A turn is a slice of deliveries, and then some pages.
 *
 * <p>Audiences are isolated: whatever one throws, an {@link Error} among it, ends that audience's
 * turn and no more. Its streams go on from the log. What is here in hand at any time is either in a
 * queue or put back into one before anything that can fail; and {@link #wake}, for a timer, begins
 * again where there was no memory even to schedule a turn.
 */
final class DeliveryScheduler {
  private static final System.Logger LOG = System.getLogger(DeliveryScheduler.class.getName());
  private static final int DELIVERIES_A_TURN = 512;
  private static final int PAGES_A_TURN = 8;
  private static final long PAUSE_MILLIS = 100;

  private final EventExecutor loop;
  private final Audiences audiences;
  private final Deque<Audience> toDeliver = new ArrayDeque<>();
  private final Deque<Subscriber> toRead = new ArrayDeque<>();
  private final MinuteLimiter failures = new MinuteLimiter();
  private final List<Subscriber> lagging = new ArrayList<>();
  private final Deque<Subscriber> paused = new ArrayDeque<>();
  private boolean turnScheduled;
  private boolean resumeScheduled;
  private int delayed;

  DeliveryScheduler(EventExecutor loop, Audiences audiences) {
    this.loop = loop;
    this.audiences = audiences;
  }

  /** An audience has something to be delivered, and had nothing before. */
  void add(Audience audience) {
    toDeliver.add(audience);
  }

  /** Puts one in line who wants a page. */
  void add(Subscriber reader) {
    toRead.add(reader);
    schedule();
  }

  /** There is no page for the stream now; it asks again in a moment. */
  void pause(Subscriber reader) {
    paused.add(reader);
    reader.pause();
    if (!resumeScheduled) {
      loop.schedule(this::resume, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
      resumeScheduled = true;
    }
  }

  /** Whether there is nothing to do. */
  boolean idle() {
    return !turnScheduled && !resumeScheduled && delayed == 0;
  }

  /**
   * Lets the audiences that have waited longest go on from the log, where what waits for them keeps
   * more in memory than it may.
   *
   * @param total how many bytes the log has handed on
   */
  void shed(long total) {
    for (int i = toDeliver.size();
        i > 0 && toDeliver.peek().delivery().backlogExceeded(total);
        i--) {
      Audience audience = toDeliver.poll();
      audience.delivery().abandon();
      toDeliver.add(audience);
    }
  }

  /** Sees to it that there is a turn, where there is something to do. */
  void schedule() {
    boolean canRead = !toRead.isEmpty() && audiences.pages().canRead();
    if (!turnScheduled && (canRead || !toDeliver.isEmpty())) {
      // not execute: what is executed runs before the loop looks at its sockets again, and so would
      // slice after slice
      loop.schedule(this::turn, 0, TimeUnit.NANOSECONDS);
      turnScheduled = true;
    }
  }

  /** The same soon, ahead of the pages where some are wanted. */
  void scheduleDelivery() {
    if (toRead.isEmpty()) {
      schedule();
    } else {
      loop.execute(this::deliverSoon);
    }
  }

  /** For a timer: goes on with whatever was left undone because something failed. */
  void wake() {
    if (!paused.isEmpty() && !resumeScheduled) {
      resume();
    }
    schedule();
  }

  /** One slice of work: deliveries first, then pages for those behind. */
  private void turn() {
    turnScheduled = false;
    deliver();
    for (int i = 0; i < PAGES_A_TURN && !toRead.isEmpty() && audiences.pages().canRead(); i++) {
      deliverPage(toRead.poll());
    }
    audiences.settleAhead();
    schedule();
  }

  private void deliverPage(Subscriber reader) {
    if (reader.state() != StreamState.READING) {
      return; // it has left since
    }
    try {
      audiences.pages().deliver(reader);
    } catch (RuntimeException | Error e) {
      reportFailure("a page", reader.audience(), e);
      pause(reader);
    }
  }

  /** A slice of deliveries alone, before another round of work for those who are behind. */
  private void deliverSoon() {
    deliver();
    schedule();
  }

  private void deliver() {
    int left = DELIVERIES_A_TURN;
    // each at most once a turn, so that one that fails does not hold up the others
    for (int i = toDeliver.size(); i > 0 && left > 0; i--) {
      Audience audience = toDeliver.poll();
      left = deliver(audience, left);
      requeue(audience);
    }
  }

  /** Lets one audience deliver. Whatever happens in it, there is something left to be done. */
  private int deliver(Audience audience, int left) {
    try {
      int remaining = left;
      if (!audience.delivery().abandoned()) {
        remaining = audience.delivery().deliver(left, audiences.headOffset(), audiences.now());
      }
      if (audience.delivery().abandoned()) {
        fallBehindAll(audience);
      }
      return remaining;
    } catch (RuntimeException | Error e) {
      audience.delivery().abandon();
      reportFailure("a delivery", audience, e);
      return Math.max(left - 1, 0);
    }
  }

  /** Lets all who are live in an audience go on from the log. */
  void fallBehindAll(Audience audience) {
    try {
      audience.delivery().fallBehindAll(lagging);
    } finally {
      for (Subscriber subscriber : lagging) {
        settle(subscriber);
      }
      lagging.clear();
    }
  }

  private void requeue(Audience audience) {
    Delivery delivery = audience.delivery();
    if (delivery.idle()) {
      audiences.removeIfEmpty(audience);
      return;
    }
    long nanos = delivery.delayNanos(System.nanoTime());
    if (nanos > 0) {
      delay(audience, nanos);
    } else {
      toDeliver.add(audience); // there is room: it was taken from there
    }
  }

  private void delay(Audience audience, long nanos) {
    try {
      loop.schedule(() -> endDelay(audience), nanos, TimeUnit.NANOSECONDS);
      delayed++;
    } catch (RuntimeException | Error e) {
      toDeliver.add(audience);
      reportFailure("a delayed delivery", audience, e);
    }
  }

  /** An audience has rested. */
  private void endDelay(Audience audience) {
    delayed--;
    toDeliver.add(audience);
    schedule();
  }

  /**
   * Those who paused ask again, in their order; where one fails, the rest waits for {@link #wake}.
   */
  private void resume() {
    resumeScheduled = false;
    for (int i = paused.size(); i > 0 && settle(paused.peek()); i--) {
      paused.remove();
    }
  }

  /**
   * Lets a stream find out what to do next.
   *
   * @return whether it has; one that has not is looked at again with the next {@link
   *     Audiences#tick}
   */
  boolean settle(Subscriber subscriber) {
    try {
      subscriber.settle();
      return true;
    } catch (RuntimeException | Error e) {
      reportFailure("a stream", subscriber.audience(), e);
      return false;
    }
  }

  /**
   * Reports, once a minute, what an audience threw; where there is not even memory for that, it is
   * not reported.
   */
  void reportFailure(String what, Audience audience, Throwable e) {
    try {
      long times = failures.count(System.nanoTime());
      if (times > 0) {
        String which = times == 1 ? "" : " (" + times + " since the last report)";
        LOG.log(
            System.Logger.Level.ERROR, what + " of " + audience.topics() + " failed" + which, e);
      }
    } catch (OutOfMemoryError again) {
      e.addSuppressed(again);
    }
  }
}
