package io.tidings.log;

import io.tidings.event.Position;
import io.tidings.event.Selection;
import java.util.List;
import java.util.Optional;

/**
 * The result of reading a log with a selection from a position.
 *
 * @param entries the matching entries, in order; may be empty
 * @param end the position up to which the log was read, after which the next page begins
 * @param gap why entries before the page are missing, if they are
 */
public record Page(List<Entry> entries, Position end, Optional<Gap> gap) {
  /** The id of the first entry; null if there is none. */
  public String firstId() {
    return entries.isEmpty() ? null : entries.get(0).id();
  }

  /**
   * As {@link Entry#id(Selection)} of the first entry; null if there is none.
   *
   * @param readable what the receiver of the id may read
   */
  public String firstId(Selection readable) {
    return entries.isEmpty() ? null : entries.get(0).id(readable);
  }
}
