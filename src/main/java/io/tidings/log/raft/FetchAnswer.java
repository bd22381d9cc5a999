package io.tidings.log.raft;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * The bytes of an answer to a {@link FetchRequest}: a kind, a checksum (CRC-32C) of what follows,
 * and that. A node of a version that does not know the request answers with nothing.
 */
final class FetchAnswer {
  private static final int HEADER = 5;

  /** What is answered. */
  enum Kind {
    /** Bytes of a file. */
    BYTES,
    /** Text. */
    TEXT,
    /** The request is to be repeated in a moment. */
    WAIT,
    /** Too many nodes fetch at once. */
    BUSY,
    /** There is no such file any more. */
    GONE
  }

  private FetchAnswer() {}

  static byte[] of(Kind kind) {
    return of(kind, new byte[0]);
  }

  static byte[] of(String text) {
    return of(Kind.TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  static byte[] of(Kind kind, byte[] content) {
    return ByteBuffer.allocate(HEADER + content.length)
        .put((byte) kind.ordinal())
        .putInt(sum(content))
        .put(content)
        .array();
  }

  private static int sum(byte[] content) {
    var crc = new CRC32C();
    crc.update(content);
    return (int) crc.getValue();
  }

  /**
   * @throws IOException if it is no answer
   */
  static Kind kind(byte[] answer) throws IOException {
    if (answer.length == 0) {
      throw new IOException("it is of a version that can't be fetched from");
    }
    if (answer.length < HEADER || answer[0] < 0 || answer[0] >= Kind.values().length) {
      throw new IOException("its answer can't be understood");
    }
    return Kind.values()[answer[0]];
  }

  /**
   * The content, verified.
   *
   * @throws IOException if it was changed on its way
   */
  static byte[] content(byte[] answer) throws IOException {
    byte[] content = new byte[answer.length - HEADER];
    System.arraycopy(answer, HEADER, content, 0, content.length);
    if (ByteBuffer.wrap(answer).getInt(1) != sum(content)) {
      throw new IOException("what it sent has a wrong checksum");
    }
    return content;
  }
}
