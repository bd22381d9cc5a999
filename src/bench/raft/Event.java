package raft;

import java.nio.ByteBuffer;

/** What is published: who and which, and when by the monotonic clock that all processes of a machine share. */
record Event(int publisher, long number, long nanos) {
  private static final int HEADER_BYTES = Integer.BYTES + Integer.BYTES + Long.BYTES + Long.BYTES;

  /** Events of consecutive numbers, one after the other. */
  static byte[] write(int publisher, long firstNumber, int count, long nanos, int size) {
    int length = Math.max(size, HEADER_BYTES);
    var bytes = new byte[count * length];
    var buffer = ByteBuffer.wrap(bytes);
    for (int i = 0; i < count; i++) {
      buffer.position(i * length);
      buffer.putInt(length).putInt(publisher).putLong(firstNumber + i).putLong(nanos);
    }
    return bytes;
  }

  static Event read(ByteBuffer buffer) {
    int end = buffer.position() + buffer.getInt();
    var event = new Event(buffer.getInt(), buffer.getLong(), buffer.getLong());
    buffer.position(end);
    return event;
  }
}
