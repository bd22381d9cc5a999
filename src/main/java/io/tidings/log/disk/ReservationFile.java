package io.tidings.log.disk;

import io.tidings.log.OffsetReservation;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The file that keeps offsets from being used twice: it names, ahead of time and forced to the
 * disk, an offset that no record has reached yet. After an end in good order offsets go on where
 * they stopped, and otherwise from there.
 *
 * <p>The file has two slots of 12 bytes, written in turns, so that one of them is always whole: 8
 * bytes with the offset and 4 with their checksum (CRC-32C). The greater one counts; an end in good
 * order writes both.
 */
final class ReservationFile implements OffsetReservation {
  static final String NAME = "reserved";

  private static final long BLOCK = 1L << 20;
  private static final int SLOT = 12;

  private final DataFile file;
  private final BackgroundTasks tasks;
  private volatile long bound;
  private int slot;

  private ReservationFile(DataFile file, BackgroundTasks tasks, long bound) {
    this.file = file;
    this.tasks = tasks;
    this.bound = bound;
  }

  /**
   * @param floor what counts where the file does not tell more
   */
  static ReservationFile open(Directory directory, BackgroundTasks tasks, long floor)
      throws IOException {
    boolean there = directory.exists(NAME);
    DataFile file = there ? directory.open(NAME, true) : directory.create(NAME);
    long bound = floor;
    int whole = 0;
    for (int slot = 0; slot < 2; slot++) {
      ByteBuffer bytes = ByteBuffer.allocate(SLOT);
      if (file.readFully(bytes, (long) slot * SLOT) == SLOT
          && bytes.getInt(8) == SegmentFormat.sum(bytes, 0, 8)) {
        bound = Math.max(bound, bytes.getLong(0));
        whole++;
      }
    }
    boolean damaged = there && (whole == 0 || whole == 1 && file.size() == 2 * SLOT);
    if (damaged || !there && floor > 1) {
      bound += BLOCK; // nobody knows what was given
    }
    if (!there) {
      directory.force(); // without it, everything given would be given again
    }
    return new ReservationFile(file, tasks, bound);
  }

  /** The lowest offset that was never given. */
  long next() {
    return bound;
  }

  @Override
  public void cover(long offset) throws IOException {
    if (offset >= bound) {
      write(offset + BLOCK);
    } else if (offset >= bound - BLOCK / 2) {
      tasks.extend(this); // so that nobody has to wait for it later
    }
  }

  /** Reserves more. */
  void extend() throws IOException {
    write(bound + BLOCK);
  }

  @Override
  public void settle(long next) throws IOException {
    write(next);
    write(next);
  }

  private synchronized void write(long offset) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(SLOT).putLong(offset);
    bytes.putInt(SegmentFormat.sum(bytes, 0, 8)).flip();
    file.write(bytes, (long) slot * SLOT);
    file.force();
    slot = 1 - slot;
    bound = offset;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
