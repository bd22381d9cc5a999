package io.tidings.fanout;

import io.netty.util.concurrent.EventExecutor;
import io.tidings.memory.MinuteLimiter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Schedules the audiences of an event loop that have entries to deliver, and the subscribers that
 * want a page. Confined to the loop.
 *
 * <p>It works in turns. Each turn is a task of its own behind whatever the loop has queued already,
 * so that everything received in the meantime is delivered together. A turn is a slice of
 * deliveries followed by some pages. What is received while no delivery has run since the loop
 * polled its sockets is delivered before it polls them again; after a delivery, the next one
 * follows the poll.
 *
 * <p>Audiences are isolated: whatever one throws, including an {@link Error}, ends only that
 * audience's turn. Its streams resume from the log. Work in progress is always either in a queue or
 * put back into one before anything that can fail; {@link #wake}, called by a timer, restarts the
 * turns if there was no memory even to schedule one.
 *
 * <p>It is one class because deliveries and pages share one turn, and a subscriber that waits, for
 * a page or for the loop, waits for a turn to end.
 */
final class DeliveryScheduler {
  private static final System.Logger LOG = System.getLogger(DeliveryScheduler.class.getName());
  private static final int DELIVERIES_A_TURN = 512;
  private static final int PAGES_A_TURN = 8;
  private static final long PAUSE_MILLIS = 100;

  private final EventExecutor loop;
  private final Audiences audiences;
  private final LinkedQueue<Audience> toDeliver = new LinkedQueue<>();
  private final LinkedQueue<Subscriber> toRead = new LinkedQueue<>();
  private final MinuteLimiter failures = new MinuteLimiter();

  /** The failures since the last report. */
  private long unreported;

  /** Reused by {@link #fallBehindAll}. */
  private final List<Subscriber> lagging = new ArrayList<>();

  /** The subscribers for which no page was available. */
  private final LinkedQueue<Subscriber> paused = new LinkedQueue<>();

  /** The subscribers whose cursor is ahead of this loop. */
  private Set<Subscriber> parked = new LinkedHashSet<>();

  private boolean turnScheduled;
  private boolean resumeScheduled;

  /** Whether a delivery is queued, or has run, since the last turn began. */
  private boolean deliveredSinceTurn;

  /** The number of audiences that wait until their delay is over. */
  private int delayed;

  /** When the newest of these delays is over, by {@link System#nanoTime}. */
  private long gatheringUntil = System.nanoTime();

  DeliveryScheduler(EventExecutor loop, Audiences audiences) {
    this.loop = loop;
    this.audiences = audiences;
  }

  /** Queues an audience that has entries to deliver and had none before. */
  void add(Audience audience) {
    toDeliver.add(audience);
  }

  /** Queues a subscriber for a page. */
  void add(Subscriber reader) {
    toRead.add(reader);
    schedule();
  }

  /**
   * Pauses a subscriber for which no page is available; it asks again after a short delay, or, if
   * that can't be scheduled, with the next {@link #wake}.
   */
  void pause(Subscriber reader) {
    paused.add(reader);
    reader.pause();
    try {
      if (!resumeScheduled) {
        loop.schedule(this::resume, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        resumeScheduled = true;
      }
    } catch (RuntimeException | Error e) {
      reportFailure("scheduling the end of a pause", e);
    }
  }

  /** Parks a subscriber whose cursor is ahead of this loop until the loop has caught up. */
  void park(Subscriber subscriber) {
    parked.add(subscriber);
  }

  /** Removes a subscriber that leaves, or that something else has woken, if it is parked. */
  void unpark(Subscriber subscriber) {
    parked.remove(subscriber);
  }

  /** Removes a subscriber from whatever it is queued for; allocates nothing. */
  void forget(Subscriber subscriber) {
    toRead.remove(subscriber);
    paused.remove(subscriber);
    parked.remove(subscriber);
  }

  /** Updates the parked subscribers, some of which the loop may have caught up with. */
  void updateParked() {
    if (!parked.isEmpty()) {
      Set<Subscriber> woken = parked;
      parked = new LinkedHashSet<>();
      woken.forEach(this::updateState);
    }
  }

  /** Whether nothing is scheduled. */
  boolean idle() {
    return !turnScheduled && !resumeScheduled && delayed == 0;
  }

  /**
   * Makes the audiences that have waited longest resume from the log, if their pending entries hold
   * more memory than allowed.
   *
   * @param total the number of bytes that the log has delivered
   */
  void abandonOversized(long total) {
    for (int i = toDeliver.size();
        i > 0 && toDeliver.first().delivery().backlogExceeded(total);
        i--) {
      Audience audience = toDeliver.poll();
      audience.delivery().abandon();
      toDeliver.add(audience);
    }
  }

  /** Schedules a turn if there is work to do. */
  void schedule() {
    if (!turnScheduled && (!toDeliver.isEmpty() || canRead())) {
      scheduleAfterPoll();
    }
  }

  private void scheduleAfterPoll() {
    // not execute: executed tasks run before the loop polls its sockets again, and slice after
    // slice would then run without any I/O in between
    loop.schedule(this::turn, 0, TimeUnit.NANOSECONDS);
    turnScheduled = true;
  }

  private boolean canRead() {
    return !toRead.isEmpty() && audiences.context().pages().canRead();
  }

  /** Schedules a delivery of what was received, ahead of the pages if any are queued. */
  void scheduleDelivery() {
    boolean ahead = !turnScheduled || !toRead.isEmpty();
    if (ahead && !deliveredSinceTurn && !toDeliver.isEmpty()) {
      loop.execute(this::deliverSoon);
      deliveredSinceTurn = true;
    }
  }

  /** Whether an audience waits until its delay is over, and gathers entries meanwhile. */
  boolean gathering() {
    return delayed > 0 && System.nanoTime() - gatheringUntil < 0;
  }

  /** Retries work that a failure left undone. Called by a timer. */
  void wake() {
    if (!paused.isEmpty() && !resumeScheduled) {
      resume();
    }
    schedule();
  }

  /** Runs one turn: deliveries first, then pages for lagging subscribers. */
  private void turn() {
    turnScheduled = false;
    deliveredSinceTurn = !toDeliver.isEmpty();
    try {
      deliver();
      for (int i = 0; i < PAGES_A_TURN && canRead(); i++) {
        deliverPage(toRead.poll());
      }
      updateParked();
    } catch (RuntimeException | Error e) {
      reportFailure("a turn", e);
    }
    scheduleNext();
  }

  /**
   * After a delivery there is a turn even if nothing is left: it delivers what is received until
   * the loop has polled its sockets. If it can't be scheduled, {@link #wake} does it.
   */
  private void scheduleNext() {
    try {
      if (deliveredSinceTurn && !turnScheduled) {
        scheduleAfterPoll();
      } else {
        schedule();
      }
    } catch (RuntimeException | Error e) {
      reportFailure("scheduling a turn", e);
    }
  }

  private void deliverPage(Subscriber reader) {
    if (reader.state() != StreamState.READING) {
      return; // its state has changed since it was queued
    }
    try {
      audiences.context().pages().deliver(reader);
    } catch (RuntimeException | Error e) {
      pause(reader);
      reportFailure("a page", reader.audience(), e);
    }
  }

  /** Runs a slice of deliveries, before the next turn with its pages. */
  private void deliverSoon() {
    try {
      deliver();
    } catch (RuntimeException | Error e) {
      reportFailure("a delivery", e);
    }
    scheduleNext();
  }

  private void deliver() {
    int left = DELIVERIES_A_TURN;
    // each at most once a turn, so that a failing audience does not delay the others
    for (int i = toDeliver.size(); i > 0 && left > 0; i--) {
      Audience audience = toDeliver.poll();
      left = deliver(audience, left);
      requeue(audience);
    }
  }

  /**
   * Runs the delivery of one audience, which {@link #requeue} puts back afterwards, whatever
   * happens.
   */
  private int deliver(Audience audience, int left) {
    try {
      int remaining = left;
      if (!audience.delivery().abandoned()) {
        remaining = audience.delivery().deliver(left);
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

  /** Makes all live subscribers of an audience resume from the log. */
  void fallBehindAll(Audience audience) {
    try {
      audience.delivery().fallBehindAll(lagging);
    } finally {
      for (Subscriber subscriber : lagging) {
        updateState(subscriber);
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
      toDeliver.add(audience);
    }
  }

  private void delay(Audience audience, long nanos) {
    try {
      loop.schedule(() -> endDelay(audience), nanos, TimeUnit.NANOSECONDS);
      delayed++;
      gatheringUntil = System.nanoTime() + nanos;
    } catch (RuntimeException | Error e) {
      toDeliver.add(audience);
      reportFailure("a delayed delivery", audience, e);
    }
  }

  /** Queues an audience again after its delay. */
  private void endDelay(Audience audience) {
    delayed--;
    toDeliver.add(audience);
    schedule();
  }

  /** Updates the paused subscribers in order, until one pauses again. */
  private void resume() {
    resumeScheduled = false;
    for (int i = paused.size(); i > 0 && !resumeScheduled && !paused.isEmpty(); i--) {
      updateState(paused.poll());
    }
  }

  /** Updates the state of a subscriber. If that fails, it is paused, and so tries again. */
  void updateState(Subscriber subscriber) {
    try {
      subscriber.updateState();
    } catch (RuntimeException | Error e) {
      if (subscriber.state().lagging()) {
        pause(subscriber);
      }
      reportFailure("a stream", subscriber.audience(), e);
    }
  }

  /** Whether no subscriber waits for a page. */
  boolean nothingToRead() {
    return toRead.isEmpty() && paused.isEmpty();
  }

  /**
   * Logs, at most once a minute, what an audience or stream has thrown; if there is no memory for
   * that, the next report counts it. It throws nothing, so that what it reports is the only
   * failure.
   */
  void reportFailure(String what, Audience audience, Throwable e) {
    try {
      unreported++;
      if (failures.count(System.nanoTime()) > 0) {
        String whose = audience == null ? "" : " of " + audience.topics();
        String which = unreported == 1 ? "" : " (" + unreported + " since the last report)";
        LOG.log(System.Logger.Level.ERROR, what + whose + " failed" + which, e);
        unreported = 0;
      }
    } catch (OutOfMemoryError again) {
      // unreported has it
    }
  }

  /** The same of what concerns all audiences. */
  void reportFailure(String what, Throwable e) {
    reportFailure(what, null, e);
  }
}
