package io.tidings.log;

import java.io.IOException;

/** Keeps a single node from giving an offset twice, whatever its last life ended with. */
public interface OffsetReservation {
  /** For a log that no later life goes on with. */
  OffsetReservation NONE =
      new OffsetReservation() {
        @Override
        public void cover(long offset) {
          // no later life can give it
        }

        @Override
        public void settle(long next) {
          // as above
        }

        @Override
        public void close() {
          // nothing is open
        }
      };

  /**
   * Sees to it that no offset up to the given one is given again after a restart.
   *
   * @throws IOException where that can't be made sure; then it must not be given now
   */
  void cover(long offset) throws IOException;

  /** The log ends in good order; the next life begins with this offset. */
  void settle(long next) throws IOException;

  /** Gives back what is open; unless it was settled, offsets reserved ahead are not given again. */
  void close() throws IOException;
}
