package io.tidings.log.disk;

import io.tidings.log.OffsetReservation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

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
    if (existing) {
      Slots slots = Slots.read(file, floor);
      return new ReservationFile(file, tasks, slots.bound, slots.next);
    }
    directory.force(); // without its name, all offsets in use would be used again
    long bound = floor > 1 ? floor + BLOCK : floor; // if there are records, a file was lost
    return new ReservationFile(file, tasks, bound, 0);
  }

  /**
   * The lowest offset that was never reserved, in a directory whose log is not continued by the
   * node itself; empty if the directory has no such file.
   *
   * @param floor the lowest offset that the existing records allow
   */
  static OptionalLong read(Directory directory, long floor) throws IOException {
    if (!directory.exists(NAME)) {
      return OptionalLong.empty();
    }
    try (DataFile file = directory.open(NAME, Directory.Access.READ_ONLY)) {
      return OptionalLong.of(Slots.read(file, floor).bound);
    }
  }

  /**
   * What an existing file says.
   *
   * @param bound the lowest offset that was never reserved
   * @param next the slot to write next
   */
  private record Slots(long bound, int next) {
    static Slots read(DataFile file, long floor) throws IOException {
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
      if (intact == 0 || intact == 1 && file.size() == 2 * SLOT) {
        bound += BLOCK; // the offsets in use are unknown
      }
      return new Slots(bound, next);
    }
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
