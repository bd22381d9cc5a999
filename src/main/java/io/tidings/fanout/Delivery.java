package io.tidings.fanout;

import io.tidings.event.Position;
import io.tidings.log.Entry;
import io.tidings.wire.SseFrame;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The entries pending for one audience, and the delivery in progress. Confined to the audience's
 * event loop.
 *
 * <p>Entries received since the last delivery wait in {@code pending}; a delivery joins them into
 * one chunk and writes it to every live subscriber, in slices, so that a large audience does not
 * block the loop. A subscriber whose outlet is not writable falls behind, with its cursor where the
 * delivery began.
 *
 * <p>If the audience can't be served from memory, for whatever reason, all live subscribers fall
 * behind and resume from the log: {@link #abandon}, which can't fail, and then {@link
 * #fallBehindAll}, which can be retried.
 *
 * <p>It is one class because it is one state machine: idle, pending, in progress and abandoned
 * share the offsets and slot bounds from which the position of each live subscriber is computed.
 */
final class Delivery {
  private static final long NO_OFFSET = -1;
  private static final long MIN_DELAY = TimeUnit.MICROSECONDS.toNanos(50);
  private static final long MAX_DELAY = TimeUnit.MILLISECONDS.toNanos(5);

  private final Audience audience;
  private final LoopContext loop;
  private final PendingEntries pending;

  /**
   * The offset delivered to live subscribers before the delivery in progress; valid only while the
   * delivery is not idle.
   */
  private long deliveredOffset;

  private Chunk chunk;
  private long chunkEndOffset;

  /** Live subscribers at a lower index have been written the chunk. */
  private int nextSlot;

  /** Live subscribers from this index on joined after the chunk was made, and begin after it. */
  private int slotLimit;

  /** The head of the loop when the delivery was abandoned; else null. */
  private Position abandonedAt;

  /** When the oldest entry of the chunk was received, by {@link System#nanoTime}. */
  private long chunkSince;

  private int chunkEvents;

  /** How many of the chunk's events are ticks of the hub's own clock. */
  private int chunkTicks;

  private int sockets;

  /**
   * When the delivery in progress began, and the earliest time of the next one, by {@link
   * System#nanoTime}.
   */
  private long began;

  private long delayUntil = System.nanoTime();

  private long lastWrite;
  private long lastSentOffset = NO_OFFSET;

  Delivery(Audience audience, LoopContext loop) {
    this.audience = audience;
    this.loop = loop;
    this.pending = new PendingEntries(audience.wire(), loop.memory());
    this.lastWrite = loop.now();
  }

  /**
   * The head of the audience: the offset at which a subscriber that has received everything up to
   * there can become live.
   */
  private long headOffset() {
    if (chunk != null) {
      return chunkEndOffset;
    }
    return idle() ? loop.head().offset() : deliveredOffset;
  }

  /**
   * The offset up to which a page of the given epoch may go before the audience takes over; if no
   * subscriber can become live now, there is no limit.
   */
  long headOffset(long epoch) {
    return loop.head().inEpoch(epoch) && !abandoned() ? headOffset() : Long.MAX_VALUE;
  }

  /**
   * Compares a cursor with the head of the audience: negative if it is behind, 0 if it is at the
   * head, positive if the subscriber must wait for the audience.
   */
  int compareToHead(Position cursor) {
    if (abandoned()) {
      return 1; // no subscriber becomes live before all live ones have fallen behind
    }
    return loop.head().compare(cursor, headOffset());
  }

  /**
   * The position delivered to a live subscriber; during a delivery it depends on whether the chunk
   * was written to it.
   */
  Position position(Subscriber live) {
    if (abandoned()) {
      return abandonedAt.at(unwritten(live.slot()) ? deliveredOffset : chunkEndOffset);
    }
    boolean unwritten = chunk != null && unwritten(live.slot());
    return loop.head().at(unwritten ? deliveredOffset : headOffset());
  }

  /**
   * Whether the chunk, in progress or abandoned, is not yet written to the subscriber in that slot.
   */
  private boolean unwritten(int slot) {
    return slot >= nextSlot && slot < slotLimit;
  }

  /**
   * Whether slots must not be reassigned, because they determine what each live subscriber was
   * delivered.
   */
  boolean slotsFixed() {
    return chunk != null || abandoned();
  }

  /**
   * A subscriber has become live.
   *
   * @param offset the offset of its cursor
   * @param offsetSent whether the client was sent the id of that offset
   * @param alone whether it is the only live subscriber
   */
  void joined(long offset, boolean offsetSent, boolean alone) {
    if (!offsetSent) {
      lastSentOffset = NO_OFFSET;
    } else if (alone) {
      lastSentOffset = offset;
    }
  }

  /** Whether there is nothing pending, in progress or abandoned. */
  boolean idle() {
    return chunk == null && pending.isEmpty() && abandonedAt == null;
  }

  /**
   * Adds an entry, the next after the head of the loop, to the pending ones.
   *
   * @param nanos when the log delivered it
   * @param total the number of bytes that the log had delivered by then
   * @return whether the delivery was idle before
   */
  boolean offer(Entry entry, long nanos, long total) {
    if (abandoned()) {
      return false; // subscribers will read it from the log
    }
    boolean idle = idle();
    if (idle) {
      deliveredOffset = loop.head().offset();
    }
    if (!pending.add(entry, nanos, total)) {
      abandon(); // the backlog is read from the log instead
    }
    return idle;
  }

  /**
   * Whether the pending entries hold more memory than allowed.
   *
   * @param total the number of bytes that the log has delivered
   */
  boolean backlogExceeded(long total) {
    return pending.exceeds(total);
  }

  /**
   * Begins a heartbeat to the live subscribers, if nothing was written to them for the given time.
   *
   * @param silence in milliseconds
   * @return whether there is something to deliver now
   */
  boolean heartbeat(long now, long silence) {
    if (!idle() || audience.live().isEmpty() || now - lastWrite < silence) {
      return false;
    }
    long headOffset = loop.head().offset();
    String position = loop.head().position().toString();
    SseFrame beat = audience.wire().beat(position, lastSentOffset == headOffset);
    Chunk joined = Chunk.of(beat);
    deliveredOffset = headOffset;
    lastSentOffset = headOffset;
    begin(joined, 0, 0, headOffset, now);
    return true;
  }

  /**
   * Delivers to at most the given number of subscribers; makes no new chunk while {@link
   * #delayNanos} is positive.
   *
   * @return how many of {@code most} are left; 0 if there is more to deliver at once
   */
  int deliver(int most) {
    int left = most;
    while (chunk != null || !pending.isEmpty()) {
      if (chunk == null) {
        if (delayNanos(System.nanoTime()) > 0) {
          break;
        }
        if (!makeChunk()) {
          abandon();
          return Math.max(left, 1);
        }
      }
      while (nextSlot < slotLimit) {
        if (left == 0) {
          return 0;
        }
        left--;
        write(audience.live().get(nextSlot));
        nextSlot++;
      }
      finish();
    }
    return Math.max(left, 1);
  }

  /** Delivers everything pending at once. */
  void deliverAll() {
    while (!idle() && !abandoned()) {
      delayUntil = System.nanoTime();
      deliver(Integer.MAX_VALUE);
    }
  }

  /**
   * Discards the delivery in progress and the pending entries: all live subscribers are to resume
   * from the log, each from the position delivered to it. Allocates nothing and so can't fail;
   * {@link #fallBehindAll} does the rest.
   */
  void abandon() {
    if (abandoned()) {
      return;
    }
    if (idle()) {
      deliveredOffset = loop.head().offset();
    }
    abandonedAt = loop.head().position();
    pending.clear();
    if (chunk == null) {
      nextSlot = 0;
      slotLimit = audience.live().size();
    } else {
      Chunk unfinished = chunk;
      chunk = null;
      unfinished.release();
    }
  }

  /** Whether the live subscribers have yet to fall behind and resume from the log. */
  boolean abandoned() {
    return abandonedAt != null;
  }

  /**
   * Moves all live subscribers to the lagging ones, after {@link #abandon}. If it fails midway it
   * can be called again and continues.
   *
   * @param lagging receives the subscribers that fell behind, whose states the caller updates
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
        audience.fallBehindLast(unwritten(last) ? before : after);
      }
    }
    abandonedAt = null;
  }

  /**
   * The remaining delay before the next delivery, in nanoseconds. After a delivery the audience
   * pauses for as long as that took: the loop then serves publishers, and the events they publish
   * meanwhile are delivered together. This raises throughput many times, and adds no more latency
   * than a delivery takes anyway.
   */
  long delayNanos(long nanos) {
    return chunk != null || pending.isEmpty() ? 0 : delayUntil - nanos;
  }

  /**
   * Makes a chunk of the pending entries.
   *
   * @return whether it was made; if not, the first entry is too large or there is no memory
   */
  private boolean makeChunk() {
    List<SseFrame> frames = pending.framesForChunk();
    int count = frames.size();
    Chunk joined = count == 0 ? null : Chunk.of(frames, loop.memory().chunks());
    if (joined == null) {
      return false;
    }
    List<Entry> entries = pending.oldest(count);
    lastSentOffset = entries.get(count - 1).offset();
    long endOffset = count == pending.size() ? loop.head().offset() : lastSentOffset;
    begin(joined, count, ticks(entries), endOffset, loop.now());
    pending.remove(count);
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
    chunkSince = pending.since();
    sockets = 0;
    began = System.nanoTime();
    chunkEndOffset = endOffset;
    nextSlot = 0;
    slotLimit = audience.live().size();
    lastWrite = now;
  }

  private void write(Subscriber subscriber) {
    if (subscriber == null) {
      return; // left since the delivery began
    }
    if (!subscriber.outlet().writable()) {
      audience.fallBehind(subscriber, loop.head().at(deliveredOffset));
    } else if (subscriber.write(chunk)) {
      sockets++;
    } else if (!subscriber.left()) {
      audience.fallBehind(subscriber, loop.head().at(deliveredOffset));
    }
  }

  private void finish() {
    loop.metrics().written(audience.traffic(), chunk, chunkEvents, chunkTicks, sockets);
    if (chunkEvents > 0) {
      loop.metrics().latency(chunkSince);
    }
    chunk.release();
    chunk = null;
    long nanos = System.nanoTime();
    long elapsed = nanos - began;
    delayUntil = elapsed < MIN_DELAY ? nanos : nanos + Math.min(elapsed, MAX_DELAY);
    deliveredOffset = chunkEndOffset;
    audience.compact();
  }
}
