package io.tidings.log.raft;

import java.io.DataInputStream;
import java.io.IOException;

/**
 * The formats of a {@link ReplicatedState}, each of which has what the one before has. A state is
 * written in the oldest one that has room for it, for nodes that go back to an older version.
 */
enum StateFormat {
  /** Offsets, the time, and what repetitions are recognised by. */
  EVENTS,

  /** And expiring records, with the clocks by which they are forgotten. */
  RECORDS,

  /**
   * And the highest kind of the commands so far, with the settings: of a state that commands above
   * {@link Command#ASSUMED_KIND} have changed.
   */
  KIND;

  private static final StateFormat[] ALL = values();

  /** The oldest one with room for these. */
  static StateFormat of(int kind, boolean records) {
    if (kind > Command.ASSUMED_KIND) {
      return KIND;
    }
    return records ? RECORDS : EVENTS;
  }

  /** The number that is written. */
  int number() {
    return ordinal() + 1;
  }

  boolean hasRecords() {
    return compareTo(RECORDS) >= 0;
  }

  boolean hasKind() {
    return compareTo(KIND) >= 0;
  }

  /**
   * Reads the number.
   *
   * @throws IOException if a newer version has written it
   */
  static StateFormat read(DataInputStream from) throws IOException {
    int number = from.readUnsignedByte();
    if (number < 1 || number > ALL.length) {
      throw new IOException(
          "the state has format "
              + number
              + ", and this version knows those from 1 to "
              + ALL.length
              + ": start a newer one");
    }
    return ALL[number - 1];
  }
}
