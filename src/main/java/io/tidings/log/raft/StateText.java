package io.tidings.log.raft;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Texts in an encoded state: four bytes of length and UTF-8. {@link DataOutput#writeUTF} is limited
 * to 65,535 bytes of an encoding in which some topics are longer than in UTF-8.
 */
final class StateText {
  /** No text is longer: those of a command have 65,535 bytes, some here a scope before that. */
  private static final int MAX_BYTES = 1 << 17;

  private StateText() {}

  static void write(DataOutput to, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    to.writeInt(bytes.length);
    to.write(bytes);
  }

  static String read(DataInput from) throws IOException {
    int length = from.readInt();
    if (length < 0 || length > MAX_BYTES) {
      throw new IOException("the state is damaged: a text of " + length + " bytes");
    }
    var bytes = new byte[length];
    from.readFully(bytes);
    return bytes.length == 0 ? "" : new String(bytes, StandardCharsets.UTF_8);
  }
}
