package io.tidings.log.disk;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/**
 * Random access to the values in a file, with one page of it in memory. Methods throw {@link
 * UncheckedIOException} if the file cannot be read. One thread.
 */
final class PagedFile {
  private static final int PAGE = 4 << 10;

  private final DataFile file;
  private final long size;
  private final ByteBuffer page = ByteBuffer.allocate(PAGE);
  private long pageStart;

  PagedFile(DataFile file, long size) {
    this.file = file;
    this.size = size;
    page.limit(0);
  }

  int getInt(long at) {
    return page.getInt(load(at, Integer.BYTES));
  }

  long getLong(long at) {
    return page.getLong(load(at, Long.BYTES));
  }

  int getUnsignedShort(long at) {
    return page.getShort(load(at, Short.BYTES)) & 0xffff;
  }

  byte[] bytes(long at, int count) {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    read(bytes, at);
    return bytes.array();
  }

  private int load(long at, int count) {
    if (at < pageStart || at + count > pageStart + page.limit()) {
      page.limit(0);
      long start = Math.max(0, Math.min(at - at % 8, size - PAGE));
      ByteBuffer into = page.duplicate().limit((int) Math.min(PAGE, size - start)).position(0);
      read(into, start);
      pageStart = start;
      page.limit(into.limit());
      if (at + count > pageStart + page.limit()) {
        throw new UncheckedIOException(new EOFException("the file ends before byte " + at));
      }
    }
    return (int) (at - pageStart);
  }

  private void read(ByteBuffer into, long at) {
    try {
      file.readFully(into, at);
      if (into.hasRemaining()) {
        throw new EOFException("the file ends before byte " + (at + into.limit()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
