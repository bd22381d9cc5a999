package io.tidings.log.disk;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** An open file of a log's directory. Any thread. */
interface DataFile extends Closeable {
  /**
   * Reads from the position into the buffer.
   *
   * @return the number of bytes read; negative at the end of the file
   */
  int read(ByteBuffer to, long position) throws IOException;

  /** Writes all of the buffer's bytes at the position. A failure may leave some of them written. */
  void write(ByteBuffer bytes, long position) throws IOException;

  /** Cuts off all bytes after the given size. */
  void truncate(long size) throws IOException;

  /** Forces the written bytes to the disk, so that they survive a power cut. */
  void force() throws IOException;

  long size() throws IOException;

  /**
   * Reads until the buffer is full or the file ends.
   *
   * @return the number of bytes read
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
