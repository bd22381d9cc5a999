package io.tidings.log;

import io.tidings.event.Position;
import java.util.List;
import java.util.Optional;

/**
 * What a log had to say to one filter from one position on.
 *
 * @param entries in order; none where the rest of the log has nothing for the filter
 * @param end up to where the log was read: whoever goes on after it misses nothing
 * @param gap what was missing at the page's beginning
 */
public record Page(List<Entry> entries, Position end, Optional<Gap> gap) {
  /** The id of its first entry; null where it has none. */
  public String firstId() {
    return entries.isEmpty() ? null : entries.get(0).id();
  }
}
