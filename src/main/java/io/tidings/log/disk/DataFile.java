package io.tidings.log.disk;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A file of a log's directory. Any thread. */
interface DataFile extends Closeable {
  /**
   * Reads from the position into the buffer.
   *
   * @return how many bytes; below 0 at the end of the file
   */
  int read(ByteBuffer to, long position) throws IOException;

  /**
   * Writes all of the buffer's bytes at the position. Where that fails, some of them may be there.
   */
  void write(ByteBuffer bytes, long position) throws IOException;

  /** Cuts off what is behind the size. */
  void truncate(long size) throws IOException;

  /** Makes sure that what was written survives a power cut. */
  void force() throws IOException;

  long size() throws IOException;

  /**
   * Reads until the buffer is full or the file ends.
   *
   * @return how many bytes
   */
  default int readFully(ByteBuffer to, long position) throws IOException {
    int count = 0;
    while (to.hasRemaining()) {
      int more = read(to, position + count);
      if (more < 0) {
        return count;
      }
      count += more;
    }
    return count;
  }
}
