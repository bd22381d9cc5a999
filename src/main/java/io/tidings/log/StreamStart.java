package io.tidings.log;

import io.tidings.event.Position;
import java.util.Optional;

/**
 * Where a stream begins.
 *
 * @param after the position after which it begins
 * @param gap the gap to report before the first entry, if there is one
 */
public record StreamStart(Position after, Optional<Gap> gap) {
  /** A start without a gap. */
  public static StreamStart after(Position position) {
    return new StreamStart(position, Optional.empty());
  }

  /** A copy whose gap, if there is one, names the entry with which the stream continues. */
  public StreamStart resumingAt(String id) {
    return new StreamStart(after, gap.map(found -> found.resumingAt(id)));
  }
}
