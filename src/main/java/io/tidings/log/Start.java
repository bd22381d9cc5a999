package io.tidings.log;

import io.tidings.event.Position;
import java.util.Optional;

/**
 * Where a stream begins.
 *
 * @param after it hears what comes after this position
 * @param gap what it must be told first
 */
public record Start(Position after, Optional<Gap> gap) {
  /** A start with nothing missing. */
  public static Start after(Position position) {
    return new Start(position, Optional.empty());
  }

  /** The same; who is told of a gap goes on with the entry that has the id. */
  Start goingOnWith(String id) {
    return new Start(after, gap.map(told -> told.goingOnWith(id)));
  }
}
