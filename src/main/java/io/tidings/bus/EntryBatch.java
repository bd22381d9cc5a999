package io.tidings.bus;

import io.tidings.log.Entry;
import java.util.List;

/**
 * A batch of entries as the log hands it on.
 *
 * @param list at least one entry, in order; must not be modified
 * @param nanos when it was published, by {@link System#nanoTime}
 * @param total the total bytes of memory of all entries published up to and including this batch
 */
public record EntryBatch(List<Entry> list, long nanos, long total) {
  public Entry first() {
    return list.get(0);
  }

  public Entry last() {
    return list.get(list.size() - 1);
  }

  /** The bytes of memory that the entries occupy. */
  static long cost(List<Entry> list) {
    long cost = 0;
    for (int i = 0; i < list.size(); i++) {
      cost += list.get(i).cost();
    }
    return cost;
  }

  /** The bytes of the entries' frames. */
  long bytes() {
    long bytes = 0;
    for (int i = 0; i < list.size(); i++) {
      bytes += list.get(i).frame().size();
    }
    return bytes;
  }
}
