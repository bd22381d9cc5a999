package io.tidings.fanout;

import io.tidings.event.Position;
import io.tidings.log.Gap;
import java.util.Optional;

/**
 * A page of the log as subscribers of one audience get it.
 *
 * @param chunk the bytes; null where the page has no entries
 * @param events how many entries there are
 * @param ticks how many of them are the hub's own clock
 * @param begin the place before its first entry
 * @param end where whoever got it goes on
 * @param part how many bytes of the entry after {@code end} it ends with, where that is so large
 *     that it comes in parts; else 0
 * @param gap what must be told before it
 * @param slow whether one had to wait for it
 */
record SharedPage(
    Chunk chunk,
    int events,
    int ticks,
    Position begin,
    Position end,
    int part,
    Optional<Gap> gap,
    boolean slow) {
  void release() {
    if (chunk != null) {
      chunk.release();
    }
  }
}
