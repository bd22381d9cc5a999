package io.tidings.log;

import java.io.IOException;
import java.util.Collection;
import java.util.List;

/** Where a single node keeps its expiring records. One thread. */
public interface RecordStorage {
  /** Keeps nothing. */
  RecordStorage NONE =
      new RecordStorage() {
        @Override
        public void add(Collection<ExpiringRecord> records) {
          // nothing is kept
        }

        @Override
        public void replace(List<ExpiringRecord> records) {
          // nothing is kept
        }

        @Override
        public boolean mustBeReplaced(long liveBytes) {
          return false;
        }

        @Override
        public void close() {
          // no resources
        }
      };

  /**
   * Adds records durably.
   *
   * @throws IOException if that failed: they may be stored, all or none, until {@link #replace}
   *     succeeds, which must be called before the next ones are added
   */
  void add(Collection<ExpiringRecord> records) throws IOException;

  /**
   * Replaces everything durably.
   *
   * @throws IOException if that failed: it must be called again before records are added
   */
  void replace(List<ExpiringRecord> records) throws IOException;

  /**
   * Whether {@link #replace} must be called before records are added, or should be.
   *
   * @param liveBytes the bytes of the records that have not ended
   */
  boolean mustBeReplaced(long liveBytes);

  void close() throws IOException;
}
