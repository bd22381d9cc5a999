package io.tidings.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The file that keeps offsets from being used twice: it names, ahead of time and forced to the
 * disk, an offset that no record has reached yet. After an end in good order offsets go on where
 * they stopped, and otherwise from there.
 *
 * <p>The file has two slots of 12 bytes, written in turns, so that one of them is always whole: 8
 * bytes with the offset and 4 with their checksum (CRC-32C). The greater one counts.
 */
final class Reserved implements AutoCloseable {
  private static final long BLOCK = 1L << 20;
  private static final int SLOT = 12;

  private final FileChannel file;
  private volatile long bound;
  private int slot;

  private Reserved(FileChannel file, long bound) {
    this.file = file;
    this.bound = bound;
  }

  /**
   * @param floor what counts where the file does not tell more
   */
  static Reserved open(Path path, long floor) throws IOException {
    boolean there = Files.exists(path);
    var file =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    long bound = floor;
    int whole = 0;
    for (int slot = 0; slot < 2; slot++) {
      ByteBuffer bytes = ByteBuffer.allocate(SLOT);
      if (file.read(bytes, (long) slot * SLOT) == SLOT
          && bytes.getInt(8) == SegmentFormat.sum(bytes, 0, 8)) {
        bound = Math.max(bound, bytes.getLong(0));
        whole++;
      }
    }
    boolean damaged = there && (whole == 0 || whole == 1 && file.size() == 2 * SLOT);
    if (damaged || !there && floor > 1) {
      bound += BLOCK; // nobody knows what was given
    }
    return new Reserved(file, bound);
  }

  /** The lowest offset that was never given. */
  long next() {
    return bound;
  }

  /** Sees to it that no offset up to the given one can be given after a restart. */
  void cover(long offset) throws IOException {
    if (offset >= bound) {
      write(offset + BLOCK);
    }
  }

  /** Whether it is time to {@link #extend}, so that nobody has to wait for it later. */
  boolean runsShort(long offset) {
    return offset >= bound - BLOCK / 2;
  }

  /** Reserves more. */
  void extend() throws IOException {
    write(bound + BLOCK);
  }

  /** The log ends in good order; the next offset to give is this one. */
  void settle(long next) throws IOException {
    write(next);
    write(next);
  }

  private synchronized void write(long offset) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(SLOT).putLong(offset);
    bytes.putInt(SegmentFormat.sum(bytes, 0, 8)).flip();
    file.write(bytes, (long) slot * SLOT);
    file.force(true);
    slot = 1 - slot;
    bound = offset;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
