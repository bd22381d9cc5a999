package io.tidings.fanout;

import io.tidings.log.Entry;
import io.tidings.memory.MemoryBudget;
import io.tidings.memory.MemoryShare;
import io.tidings.wire.SseFrame;
import java.util.ArrayList;
import java.util.List;

/**
 * The entries that one audience has received and not delivered, and how many of them may wait and
 * go into a chunk. Confined to the audience's event loop.
 */
final class PendingEntries {
  /**
   * The maximum number of bytes of frames in a chunk. A larger frame is sent in parts, from the
   * log: together with the bytes that may be unsent before, this is what one slow reader holds.
   */
  static final int CHUNK_BYTES = 48 * 1024;

  /** The same when memory for chunks is scarce. */
  private static final int SMALL_CHUNK_BYTES = 8 * 1024;

  /** The maximum number of entries, each a reference. */
  static final int MAX_ENTRIES = 16 * 1024;

  /** The maximum number of bytes that the log may have delivered since the oldest entry. */
  private static final long MAX_BYTES = 16 << 20;

  private final WireFormat wire;
  private final MemoryBudget memory;
  private List<Entry> entries = new ArrayList<>(1);

  /** When the oldest entry was received, by {@link System#nanoTime}. */
  private long since;

  /** The total of bytes received from the log when the oldest entry was. */
  private long totalAtOldest;

  PendingEntries(WireFormat wire, MemoryBudget memory) {
    this.wire = wire;
    this.memory = memory;
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  /** When the oldest entry was received, by {@link System#nanoTime}. */
  long since() {
    return since;
  }

  /**
   * Adds an entry, unless it was the last to be added: an entry is offered once for each of its
   * topics.
   *
   * @param nanos when the log delivered it
   * @param total the number of bytes that the log had delivered by then
   * @return whether the entries are within their limits
   */
  boolean add(Entry entry, long nanos, long total) {
    if (entries.isEmpty()) {
      since = nanos;
      totalAtOldest = total;
    } else if (entries.get(entries.size() - 1) == entry) {
      return true;
    }
    entries.add(entry);
    return entries.size() <= MAX_ENTRIES && !exceeds(total);
  }

  /**
   * Whether the entries hold more memory than allowed.
   *
   * @param total the number of bytes that the log has delivered
   */
  boolean exceeds(long total) {
    return !entries.isEmpty()
        && total - totalAtOldest > Math.min(memory.batches().limit(), MAX_BYTES);
  }

  /**
   * The frames of the oldest entries, as many as fit into a chunk; none if the first is too large
   * for one.
   */
  List<SseFrame> framesForChunk() {
    MemoryShare share = memory.chunks();
    boolean scarce = share.used() > share.limit() / 2;
    int most = scarce ? SMALL_CHUNK_BYTES : CHUNK_BYTES;
    return wire.encodeFitting(entries, CHUNK_BYTES, most);
  }

  /** The given number of the oldest entries: a view, valid until entries are added or removed. */
  List<Entry> oldest(int count) {
    return entries.subList(0, count);
  }

  int size() {
    return entries.size();
  }

  /** Removes the given number of the oldest entries. */
  void remove(int count) {
    if (count == entries.size()) {
      entries = new ArrayList<>(1); // releases the capacity that a burst needed
    } else {
      entries.subList(0, count).clear();
    }
  }

  /** Removes all entries; allocates nothing. */
  void clear() {
    entries.clear();
  }
}
