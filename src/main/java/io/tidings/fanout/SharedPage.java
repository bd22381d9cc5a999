package io.tidings.fanout;

import io.tidings.event.Position;
import io.tidings.log.Gap;
import java.util.Optional;

/**
 * A page of the log, encoded for the subscribers of one audience.
 *
 * @param chunk the bytes; null if the page has no entries
 * @param events the number of entries
 * @param ticks how many of them are ticks of the hub's own clock
 * @param begin the position before its first entry
 * @param end the cursor of a subscriber that has received the page
 * @param part if the entry after {@code end} is so large that it is sent in parts, how many of its
 *     bytes were sent by the end of this page; else 0
 * @param gap the gap to report before it
 * @param origin where the log read it
 */
record SharedPage(
    Chunk chunk,
    int events,
    int ticks,
    Position begin,
    Position end,
    int part,
    Optional<Gap> gap,
    Origin origin) {
  /** Where the log read the entries of a page. */
  enum Origin {
    /** In memory, at once. */
    MEMORY,
    /** On a disk or in a store, asynchronously: it is worth reading the next page ahead. */
    STORAGE
  }

  void release() {
    if (chunk != null) {
      chunk.release();
    }
  }
}
