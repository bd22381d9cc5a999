package io.tidings.fanout;

import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Ends the streams of one event loop when their tokens end: a timing wheel, with one timer for all
 * of them, which runs only while there are any. Streams without a token's end are not in it.
 * Confined to the loop.
 *
 * <p>An entry is in the list of the slot of its due time, modulo the number of slots; those of a
 * later turn are passed over. The time is that of day, as in tokens, so it may jump: after a jump
 * ahead every slot is visited once, after one back the wheel goes on from the earlier slot.
 */
final class ExpiryWheel {
  private static final System.Logger LOG = System.getLogger(ExpiryWheel.class.getName());

  static final int SLOTS = 512;
  static final long SLOT_MILLIS = 100;

  /** How many entries are handled in one task, so that deliveries are not delayed. */
  static final int MOST_AT_ONCE = 256;

  /** A stream ends earlier than its token by up to this part of the time that is left, */
  private static final int PART_EARLY = 10;

  /** and by no more than this: tokens that were made together must not end streams together. */
  static final long MOST_EARLY_MILLIS = 10_000;

  private static final long NO_TIMER = -1;

  private final Vertx vertx;

  /** That of its loop: a timer of the caller's would end with the caller's verticle. */
  private final ContextInternal context;

  private final InstantSource clock;
  private final Random random = new Random();
  private final Expiry[] slots = new Expiry[SLOTS];

  /** The slots before this one, which is not reduced to an index, are done. */
  private long slot;

  private int size;
  private long timer = NO_TIMER;

  ExpiryWheel(Vertx vertx, InstantSource clock) {
    this.vertx = vertx;
    this.context = (ContextInternal) vertx.getOrCreateContext();
    this.clock = clock;
  }

  /**
   * Enters a stream that has begun. What is due already is done at once.
   *
   * @return its entry, for {@link #remove}
   */
  Expiry add(Subscriber stream, Instant tokenEnds) {
    long now = clock.millis();
    long end = tokenEnds.toEpochMilli();
    long early = Math.min(Math.max(0, end - now) / PART_EARLY, MOST_EARLY_MILLIS);
    // by a slot more, since the timer is late by up to that
    var added = new Expiry(stream, end, end - SLOT_MILLIS - random.nextLong(early + 1));
    if (size == 0) {
      slot = slot(now);
    }
    enter(added);
    handle(added, now);
    return added;
  }

  /** Removes a stream that has left, or has another token now; idempotent. */
  void remove(Expiry entry) {
    if (entry.entered) {
      take(entry);
    }
    stopIfEmpty();
  }

  private void stopIfEmpty() {
    if (size == 0 && timer != NO_TIMER) {
      vertx.cancelTimer(timer);
      timer = NO_TIMER;
    }
  }

  /** The number of streams in it. */
  int size() {
    return size;
  }

  /** Does what is due. Called by the timer. */
  void advance() {
    long now = clock.millis();
    long last = slot(now);
    slot = Math.max(Math.min(slot, last), last - SLOTS + 1);
    int left = MOST_AT_ONCE;
    while (true) {
      left -= handle(due(slot, now, left), now);
      if (left <= 0) {
        context.runOnContext(more -> advance());
        return;
      }
      if (slot >= last) { // some of its entries may be due later
        stopIfEmpty();
        return;
      }
      slot++;
    }
  }

  private List<Expiry> due(long of, long now, int most) {
    var due = new ArrayList<Expiry>();
    for (Expiry entry = slots[index(of)]; entry != null && due.size() < most; entry = entry.after) {
      if (entry.due() <= now) {
        due.add(entry);
      }
    }
    return due;
  }

  private int handle(List<Expiry> due, long now) {
    for (Expiry entry : due) {
      if (entry.entered) { // another one's end may have ended it
        handle(entry, now);
      }
    }
    return due.size();
  }

  /** Does the steps that are due; a stream for which that fails is cut. */
  private void handle(Expiry entry, long now) {
    try {
      while (!entry.done() && entry.due() <= now) {
        take(entry);
        entry.step();
        if (!entry.done() && !entry.entered) {
          enter(entry);
        }
      }
    } catch (RuntimeException | Error e) {
      LOG.log(System.Logger.Level.ERROR, "a stream could not be told that its token ends", e);
      entry.stream().cut(CloseReason.TOKEN_EXPIRED);
    }
  }

  private void enter(Expiry entry) {
    int index = index(slot(entry.due()));
    entry.after = slots[index];
    entry.before = null;
    if (entry.after != null) {
      entry.after.before = entry;
    }
    slots[index] = entry;
    entry.entered = true;
    size++;
    if (timer == NO_TIMER) {
      timer = context.setPeriodic(SLOT_MILLIS, tick -> advance());
    }
  }

  private void take(Expiry entry) {
    if (entry.before == null) {
      slots[index(slot(entry.due()))] = entry.after;
    } else {
      entry.before.after = entry.after;
    }
    if (entry.after != null) {
      entry.after.before = entry.before;
    }
    entry.before = null;
    entry.after = null;
    entry.entered = false;
    size--;
  }

  private static long slot(long millis) {
    return Math.floorDiv(millis, SLOT_MILLIS);
  }

  private static int index(long slot) {
    return (int) Math.floorMod(slot, (long) SLOTS);
  }
}
