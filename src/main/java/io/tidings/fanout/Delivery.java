package io.tidings.fanout;

import io.tidings.event.Position;
import io.tidings.log.Entry;
import io.tidings.memory.MemoryShare;
import io.tidings.wire.SseFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What one audience is to be delivered, and the delivery in hand. Confined to the audience's event
 * loop.
 *
 * <p>Entries that came since the last delivery wait in {@code pending}; a delivery joins them into
 * one chunk and writes it to every live subscriber, in slices, so that a large audience does not
 * hold up the loop. Who is not writable falls behind, with its cursor where the delivery began.
 *
 * <p>Where the audience can't be served from memory, for whatever reason, all who are live fall
 * behind and go on from the log: {@link #abandon}, which can't fail, and then {@link
 * #fallBehindAll}, which can be tried again.
 */
final class Delivery {
  /**
   * How many bytes of frames one chunk has at the most. A single frame that has more goes out in
   * parts, from the log: with what may be unsent before, it is what one slow reader holds.
   */
  static final int CHUNK_BYTES = 48 * 1024;

  /** The same where memory for chunks is short. */
  private static final int SMALL_CHUNK_BYTES = 8 * 1024;

  /** How many entries may wait, each a reference. */
  static final int MAX_PENDING = 16 * 1024;

  private static final long NO_OFFSET = -1;
  private static final long MIN_DELAY = TimeUnit.MICROSECONDS.toNanos(50);
  private static final long MAX_DELAY = TimeUnit.MILLISECONDS.toNanos(5);

  private final Audience audience;
  private final Audiences audiences;
  private List<Entry> pending = new ArrayList<>(1);

  /**
   * Up to where live subscribers were served before the delivery in hand; counts only while there
   * is something to deliver.
   */
  private long deliveredOffset;

  private Chunk chunk;
  private long chunkEndOffset;

  /** Those before it in the list of who is live have the chunk. */
  private int next;

  /** Those from it on joined when the chunk was made, and begin after it. */
  private int limit;

  /** Where the loop was when all who are live were to go on from the log; else null. */
  private Position abandonedAt;

  /** How much the log had handed on when the oldest pending entry came. */
  private long pendingFrom;

  /** When the oldest pending entry came to the loop, and when the oldest of the chunk did. */
  private long pendingSince;

  private long chunkSince;
  private int chunkEvents;

  /** How many of the chunk's events are ticks of the hub's own clock. */
  private int chunkTicks;

  private int sockets;

  /**
   * When the delivery in hand began, and before when the next must not, by {@link System#nanoTime}.
   */
  private long began;

  private long delayUntil = System.nanoTime();

  private long lastWrite;
  private long lastSentOffset = NO_OFFSET;

  Delivery(Audience audience, Audiences audiences, long now) {
    this.audience = audience;
    this.audiences = audiences;
    this.lastWrite = now;
  }

  /**
   * The offset at which one who has heard everything up to there can become live.
   *
   * @param headOffset the newest offset that the loop has received
   */
  long headOffset(long headOffset) {
    if (chunk != null) {
      return chunkEndOffset;
    }
    return idle() ? headOffset : deliveredOffset;
  }

  /**
   * The place up to where one who is live was served: in the middle of a delivery that depends on
   * whether it had its turn.
   *
   * @param head the position up to which the loop has received
   */
  Position position(Subscriber live, Position head) {
    if (abandoned()) {
      return abandonedAt.at(due(live.slot()) ? deliveredOffset : chunkEndOffset);
    }
    boolean due = chunk != null && due(live.slot());
    long offset = due ? deliveredOffset : headOffset(head.offset());
    return offset == head.offset() ? head : head.at(offset);
  }

  /** Whether the one in that slot has not had its turn with the chunk, in hand or given up. */
  private boolean due(int slot) {
    return slot >= next && slot < limit;
  }

  /** Whether the slot of each who is live says what it was served, and must stay its own. */
  boolean slotsFixed() {
    return chunk != null || abandoned();
  }

  /**
   * One has become live.
   *
   * @param offset the offset of its cursor
   * @param offsetSent whether the client was sent the id of that offset
   * @param alone whether nobody else is live
   */
  void joined(long offset, boolean offsetSent, boolean alone) {
    if (!offsetSent) {
      lastSentOffset = NO_OFFSET;
    } else if (alone) {
      lastSentOffset = offset;
    }
  }

  /** Whether nothing waits and nothing is in delivery. */
  boolean idle() {
    return chunk == null && pending.isEmpty() && abandonedAt == null;
  }

  /**
   * Takes an entry, to be delivered.
   *
   * @param headOffset the offset that the loop had received before this entry
   * @param nanos when the log handed it on
   * @param total how many bytes the log had handed on by then
   * @return whether there was nothing to deliver before
   */
  boolean offer(Entry entry, long headOffset, long nanos, long total) {
    if (abandoned()) {
      return false; // it will be read from the log
    }
    boolean idle = idle();
    if (idle) {
      deliveredOffset = headOffset;
    } else if (!pending.isEmpty() && pending.get(pending.size() - 1) == entry) {
      return false; // it came by another of its topics already
    }
    if (pending.isEmpty()) {
      pendingSince = nanos;
      pendingFrom = total;
    }
    pending.add(entry);
    if (pending.size() > MAX_PENDING || backlogExceeded(total)) {
      abandon(); // what has waited so long is read from the log
    }
    return idle;
  }

  /**
   * Whether what waits keeps more in memory than it may.
   *
   * @param total how many bytes the log has handed on
   */
  boolean backlogExceeded(long total) {
    return !pending.isEmpty() && total - pendingFrom > audiences.maxPendingBytes();
  }

  /**
   * Begins to tell live subscribers, if they have heard nothing for that long, that they are still
   * connected.
   *
   * @return whether there is something to deliver now
   */
  boolean heartbeat(long now, long silence, long headOffset, String position) {
    if (!idle() || audience.live().isEmpty() || now - lastWrite < silence) {
      return false;
    }
    SseFrame beat = audience.wire().beat(position, lastSentOffset == headOffset);
    Chunk joined = Chunk.of(beat);
    deliveredOffset = headOffset;
    lastSentOffset = headOffset;
    begin(joined, 0, 0, headOffset, now);
    return true;
  }

  /**
   * Delivers, to at most so many subscribers; begins with nothing as long as there is {@link
   * #rest}.
   *
   * @return how many of them are left of {@code most}; 0 where there is more to do at once
   */
  int deliver(int most, long headOffset, long now) {
    int left = most;
    while (chunk != null || !pending.isEmpty()) {
      if (chunk == null) {
        if (delayNanos(System.nanoTime()) > 0) {
          break;
        }
        if (!makeChunk(headOffset, now)) {
          abandon();
          return Math.max(left, 1);
        }
      }
      while (next < limit) {
        if (left == 0) {
          return 0;
        }
        left--;
        write(audience.live().get(next));
        next++;
      }
      finish();
    }
    return Math.max(left, 1);
  }

  /** Delivers all that there is, at once. */
  void deliverAll(long headOffset, long now) {
    while (!idle() && !abandoned()) {
      delayUntil = System.nanoTime();
      deliver(Integer.MAX_VALUE, headOffset, now);
    }
  }

  /**
   * Gives up what is in hand and what waits: all who are live are to go on from the log, each from
   * where it was served. Allocates nothing, and so does not fail; {@link #fallBehindAll} does the
   * rest.
   */
  void abandon() {
    if (abandoned()) {
      return;
    }
    if (idle()) {
      deliveredOffset = audiences.headOffset();
    }
    abandonedAt = audiences.head();
    pending.clear();
    if (chunk == null) {
      next = 0;
      limit = audience.live().size();
    } else {
      Chunk unfinished = chunk;
      chunk = null;
      unfinished.release();
    }
  }

  /** Whether all who are live have yet to go on from the log. */
  boolean abandoned() {
    return abandonedAt != null;
  }

  /**
   * Lets all who are live fall behind, after {@link #abandon}. Where it fails in between it can be
   * called again, and goes on.
   *
   * @param lagging receives the subscribers that fell behind, to be settled
   */
  void fallBehindAll(List<Subscriber> lagging) {
    List<Subscriber> live = audience.live();
    if (!live.isEmpty()) {
      Position before = abandonedAt.at(deliveredOffset);
      Position after = abandonedAt.at(chunkEndOffset);
      while (!live.isEmpty()) {
        int last = live.size() - 1;
        Subscriber subscriber = live.get(last);
        if (subscriber != null) {
          lagging.add(subscriber);
        }
        audience.fallBehindLast(due(last) ? before : after);
      }
    }
    abandonedAt = null;
  }

  /**
   * How many nanoseconds the audience still rests. After a delivery it rests for as long as that
   * took, for then the loop serves those who publish, and what they say meanwhile leaves together:
   * many times as much, later by no more than a delivery takes anyway.
   */
  long delayNanos(long nanos) {
    return chunk != null || pending.isEmpty() ? 0 : delayUntil - nanos;
  }

  /** Whether a chunk was made; if not, it is too large, or there is no memory for it. */
  private boolean makeChunk(long headOffset, long now) {
    MemoryShare share = audiences.memory().chunks();
    boolean scarce = share.used() > share.limit() / 2;
    int most = scarce ? SMALL_CHUNK_BYTES : CHUNK_BYTES;
    int count = 0;
    for (long bytes = 0; count < pending.size(); count++) {
      bytes += pending.get(count).frame().size();
      if (bytes > (count == 0 ? CHUNK_BYTES : most)) {
        break;
      }
    }
    List<Entry> entries = pending.subList(0, count);
    Chunk joined = count == 0 ? null : Chunk.of(entries, audience.wire(), share);
    if (joined == null) {
      return false;
    }
    boolean all = count == pending.size();
    lastSentOffset = entries.get(count - 1).offset();
    begin(joined, count, ticks(entries), all ? headOffset : lastSentOffset, now);
    entries.clear();
    if (all) {
      pending = new ArrayList<>(1); // what a burst made large is given back
    }
    return true;
  }

  /** How many of the entries are ticks of the hub's own clock. */
  static int ticks(List<Entry> entries) {
    int ticks = 0;
    for (int i = 0; i < entries.size(); i++) {
      if (entries.get(i).ofClock()) {
        ticks++;
      }
    }
    return ticks;
  }

  private void begin(Chunk joined, int events, int ticks, long endOffset, long now) {
    chunk = joined;
    chunkEvents = events;
    chunkTicks = ticks;
    chunkSince = pendingSince;
    sockets = 0;
    began = System.nanoTime();
    chunkEndOffset = endOffset;
    next = 0;
    limit = audience.live().size();
    lastWrite = now;
  }

  private void write(Subscriber subscriber) {
    if (subscriber == null) {
      return; // left since the delivery began
    }
    if (!subscriber.outlet().writable()) {
      audience.fallBehind(subscriber, audiences.positionAt(deliveredOffset));
    } else if (subscriber.write(chunk)) {
      sockets++;
    } else if (!subscriber.left()) {
      audience.fallBehind(subscriber, audiences.positionAt(deliveredOffset));
    }
  }

  private void finish() {
    audiences.count(audience.traffic(), chunk, chunkEvents, chunkTicks, sockets);
    audiences.delivered(chunkEvents, chunkSince);
    chunk.release();
    chunk = null;
    long nanos = System.nanoTime();
    long took = nanos - began;
    delayUntil = took < MIN_DELAY ? nanos : nanos + Math.min(took, MAX_DELAY);
    deliveredOffset = chunkEndOffset;
    audience.compact();
  }
}
