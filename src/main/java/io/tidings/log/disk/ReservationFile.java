package io.tidings.log.disk;

import io.tidings.log.OffsetReservation;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The file {@code reserved}, which ensures that no offset is used twice: it names an offset that no
 * record has reached yet, and is forced to the disk before any record can reach it. After a clean
 * shutdown offsets continue where they stopped; after any other, they continue from the reserved
 * offset.
 *
 * <p>The file has two slots of 12 bytes, written alternately so that one of them is always intact:
 * 8 bytes with the offset and 4 with their checksum (CRC-32C). The greater offset counts; a clean
 * shutdown writes both. One thread reserves and releases; {@link #extend} runs on the tasks'
 * thread.
 */
final class ReservationFile implements OffsetReservation {
  static final String NAME = "reserved";

  private static final long BLOCK = 1L << 20;
  private static final int SLOT = 12;

  private final DataFile file;
  private final BackgroundTasks tasks;
  private volatile long bound;

  /** The slot to write next: never the one that holds the highest offset. */
  private int slot;

  private ReservationFile(DataFile file, BackgroundTasks tasks, long bound, int slot) {
    this.file = file;
    this.tasks = tasks;
    this.bound = bound;
    this.slot = slot;
  }

  /**
   * Opens the file, or creates it.
   *
   * @param floor the lowest offset that the existing records allow
   */
  static ReservationFile open(Directory directory, BackgroundTasks tasks, long floor)
      throws IOException {
    boolean existing = directory.exists(NAME);
    DataFile file =
        existing ? directory.open(NAME, Directory.Access.READ_WRITE) : directory.create(NAME);
    long bound = floor;
    long highest = Long.MIN_VALUE;
    int next = 0;
    int intact = 0;
    for (int slot = 0; slot < 2; slot++) {
      ByteBuffer bytes = ByteBuffer.allocate(SLOT);
      if (file.readFully(bytes, (long) slot * SLOT) == SLOT
          && bytes.getInt(8) == SegmentFormat.sum(bytes, 0, 8)) {
        long offset = bytes.getLong(0);
        bound = Math.max(bound, offset);
        if (offset > highest) {
          highest = offset;
          next = 1 - slot;
        }
        intact++;
      }
    }
    boolean damaged = existing && (intact == 0 || intact == 1 && file.size() == 2 * SLOT);
    if (damaged || !existing && floor > 1) {
      bound += BLOCK; // the offsets in use are unknown
    }
    if (!existing) {
      directory.force(); // without its name, all offsets in use would be used again
    }
    return new ReservationFile(file, tasks, bound, next);
  }

  /** The lowest offset that was never reserved. */
  long next() {
    return bound;
  }

  @Override
  public void reserve(long offset) throws IOException {
    if (offset >= bound) {
      write(offset + BLOCK);
    } else if (offset >= bound - BLOCK / 2) {
      tasks.reserveAhead(this); // so that no append waits for it later
    }
  }

  /** Reserves one more block of offsets. */
  void extend() throws IOException {
    write(bound + BLOCK);
  }

  @Override
  public void release(long next) throws IOException {
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
