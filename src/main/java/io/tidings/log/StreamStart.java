package io.tidings.log;

import io.tidings.event.Position;
import java.util.Optional;

/**
 * Where a stream begins.
 *
 * @param after it hears what comes after this position
 * @param gap what it must be told first
 */
public record StreamStart(Position after, Optional<Gap> gap) {
  /** A start with nothing missing. */
  public static StreamStart after(Position position) {
    return new StreamStart(position, Optional.empty());
  }

  /** The same; who is told of a gap goes on with the entry that has the id. */
  public StreamStart resumingAt(String id) {
    return new StreamStart(after, gap.map(told -> told.resumingAt(id)));
  }
}
