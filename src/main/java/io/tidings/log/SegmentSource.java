package io.tidings.log;

import java.io.IOException;

/** The segments of a log that is in use, for other nodes. Any thread; blocks on the disk. */
public interface SegmentSource {
  /** The committed records as of now. */
  LogParts parts() throws IOException;

  /**
   * Reads bytes of a segment.
   *
   * @param first names the segment
   * @param salt of the segment
   * @throws java.nio.file.NoSuchFileException if there is no such segment any more, or not so much
   *     of it
   */
  byte[] read(long first, long salt, long position, int length) throws IOException;
}
