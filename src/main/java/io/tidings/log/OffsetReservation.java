package io.tidings.log;

import java.io.IOException;

/** Keeps a single node from assigning an offset twice, also after a crash. */
public interface OffsetReservation {
  /** For a log that does not survive the process. */
  OffsetReservation NONE =
      new OffsetReservation() {
        @Override
        public void reserve(long offset) {
          // no restart can assign it again
        }

        @Override
        public void release(long next) {
          // as above
        }

        @Override
        public void close() {
          // nothing is open
        }
      };

  /**
   * Guarantees that no offset up to the given one is assigned again after a restart.
   *
   * @throws IOException if that failed; then the offset must not be assigned
   */
  void reserve(long offset) throws IOException;

  /** Records a clean shutdown: after a restart, assignment continues with this offset. */
  void release(long next) throws IOException;

  /** Releases resources. Without {@link #release}, offsets reserved ahead are skipped. */
  void close() throws IOException;
}
