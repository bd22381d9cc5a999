package io.tidings.fanout;

import io.tidings.event.Position;
import io.tidings.log.Entry;
import io.tidings.memory.MemoryShare;
import io.tidings.wire.SseFrame;
import java.util.ArrayList;
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
  /**
   * The maximum number of bytes of frames in a chunk. A larger frame is sent in parts, from the
   * log: together with the bytes that may be unsent before, this is what one slow reader holds.
   */
  static final int CHUNK_BYTES = 48 * 1024;

  /** The same when memory for chunks is scarce. */
  private static final int SMALL_CHUNK_BYTES = 8 * 1024;

  /** The maximum number of pending entries, each a reference. */
  static final int MAX_PENDING = 16 * 1024;

  private static final long NO_OFFSET = -1;
  private static final long MIN_DELAY = TimeUnit.MICROSECONDS.toNanos(50);
  private static final long MAX_DELAY = TimeUnit.MILLISECONDS.toNanos(5);

  private final Audience audience;
  private final Audiences audiences;
  private List<Entry> pending = new ArrayList<>(1);

  /**
   * The offset delivered to live subscribers before the delivery in progress; valid only while the
   * delivery is not idle.
   */
  private long deliveredOffset;

  private Chunk chunk;
  private long chunkEndOffset;

  /** Live subscribers at a lower index have been written the chunk. */
  private int next;

  /** Live subscribers from this index on joined after the chunk was made, and begin after it. */
  private int limit;

  /** The head of the loop when the delivery was abandoned; else null. */
  private Position abandonedAt;

  /** The total of bytes received from the log when the oldest pending entry was. */
  private long pendingFrom;

  /** When the oldest pending entry was received, and when the oldest of the chunk was. */
  private long pendingSince;

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

  Delivery(Audience audience, Audiences audiences, long now) {
    this.audience = audience;
    this.audiences = audiences;
    this.lastWrite = now;
  }

  /**
   * The head of the audience: the offset at which a subscriber that has received everything up to
   * there can become live.
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
   * The position delivered to a live subscriber; during a delivery it depends on whether the chunk
   * was written to it.
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

  /**
   * Whether the chunk, in progress or abandoned, is not yet written to the subscriber in that slot.
   */
  private boolean due(int slot) {
    return slot >= next && slot < limit;
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
   * Adds an entry to the pending ones.
   *
   * @param headOffset the offset that the loop had received before this entry
   * @param nanos when the log delivered it
   * @param total the number of bytes that the log had delivered by then
   * @return whether the delivery was idle before
   */
  boolean offer(Entry entry, long headOffset, long nanos, long total) {
    if (abandoned()) {
      return false; // subscribers will read it from the log
    }
    boolean idle = idle();
    if (idle) {
      deliveredOffset = headOffset;
    } else if (!pending.isEmpty() && pending.get(pending.size() - 1) == entry) {
      return false; // already offered by another of its topics
    }
    if (pending.isEmpty()) {
      pendingSince = nanos;
      pendingFrom = total;
    }
    pending.add(entry);
    if (pending.size() > MAX_PENDING || backlogExceeded(total)) {
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
    return !pending.isEmpty() && total - pendingFrom > audiences.maxPendingBytes();
  }

  /**
   * Begins a heartbeat to the live subscribers, if nothing was written to them for the given time.
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
   * Delivers to at most the given number of subscribers; makes no new chunk while {@link
   * #delayNanos} is positive.
   *
   * @return how many of {@code most} are left; 0 if there is more to deliver at once
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

  /** Delivers everything pending at once. */
  void deliverAll(long headOffset, long now) {
    while (!idle() && !abandoned()) {
      delayUntil = System.nanoTime();
      deliver(Integer.MAX_VALUE, headOffset, now);
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

  /** Whether the live subscribers have yet to fall behind and resume from the log. */
  boolean abandoned() {
    return abandonedAt != null;
  }

  /**
   * Moves all live subscribers to the lagging ones, after {@link #abandon}. If it fails midway it
   * can be called again and continues.
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
  private boolean makeChunk(long headOffset, long now) {
    MemoryShare share = audiences.memory().chunks();
    boolean scarce = share.used() > share.limit() / 2;
    int most = scarce ? SMALL_CHUNK_BYTES : CHUNK_BYTES;
    var frames = new ArrayList<SseFrame>(pending.size());
    for (long bytes = 0; frames.size() < pending.size(); ) {
      SseFrame frame = audience.wire().of(pending.get(frames.size()));
      bytes += frame.size();
      if (bytes > (frames.isEmpty() ? CHUNK_BYTES : most)) {
        break;
      }
      frames.add(frame);
    }
    int count = frames.size();
    List<Entry> entries = pending.subList(0, count);
    Chunk joined = count == 0 ? null : Chunk.of(frames, share);
    if (joined == null) {
      return false;
    }
    boolean all = count == pending.size();
    lastSentOffset = entries.get(count - 1).offset();
    begin(joined, count, ticks(entries), all ? headOffset : lastSentOffset, now);
    entries.clear();
    if (all) {
      pending = new ArrayList<>(1); // releases the capacity that a burst needed
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
