package io.tidings.bus;

import io.tidings.log.Entry;
import java.util.List;

/**
 * What the log handed on at once, as it goes to {@link Address#LIVE}.
 *
 * @param list at least one entry, in order; not to be changed
 */
public record Entries(List<Entry> list) {
  public Entry first() {
    return list.get(0);
  }

  public Entry last() {
    return list.get(list.size() - 1);
  }
}
