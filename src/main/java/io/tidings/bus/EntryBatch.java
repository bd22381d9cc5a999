package io.tidings.bus;

import io.tidings.log.Entry;
import java.util.List;

/**
 * What the log handed on at once, as it goes to {@link Address#LIVE}.
 *
 * @param list at least one entry, in order; not to be changed
 * @param nanos when, by {@link System#nanoTime}
 * @param total how many bytes of memory the log had handed on by then, these entries among them
 */
public record EntryBatch(List<Entry> list, long nanos, long total) {
  public Entry first() {
    return list.get(0);
  }

  public Entry last() {
    return list.get(list.size() - 1);
  }

  /** The bytes that they take in memory. */
  static long cost(List<Entry> list) {
    long cost = 0;
    for (int i = 0; i < list.size(); i++) {
      cost += list.get(i).cost();
    }
    return cost;
  }

  /** The bytes of their frames. */
  long bytes() {
    long bytes = 0;
    for (int i = 0; i < list.size(); i++) {
      bytes += list.get(i).frame().size();
    }
    return bytes;
  }
}
