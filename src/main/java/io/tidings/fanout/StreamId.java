package io.tidings.fanout;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Optional;

/**
 * Identifies an open stream in the whole cluster. It is a capability: 128 bits that nobody can
 * guess, told to the stream's own client only.
 */
public record StreamId(long high, long low) {
  static final int BYTES = 2 * Long.BYTES;
  private static final int CHARACTERS = 22;

  /** Reads the text form; empty if it is none. */
  public static Optional<StreamId> parse(String text) {
    if (text.length() != CHARACTERS) {
      return Optional.empty();
    }
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(text));
      var id = new StreamId(bytes.getLong(), bytes.getLong());
      return id.toString().equals(text) ? Optional.of(id) : Optional.empty();
    } catch (IllegalArgumentException | BufferUnderflowException e) {
      return Optional.empty();
    }
  }

  /** 22 characters of base64url. */
  @Override
  public String toString() {
    byte[] bytes = ByteBuffer.allocate(BYTES).putLong(high).putLong(low).array();
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
