package io.tidings.fanout;

import io.tidings.auth.Sha256;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Names an open stream to administrators: part of the SHA-256 of its {@link StreamId}, which it
 * does not reveal. Handles have an order in which new ones come anywhere, so a place in it stays
 * valid while streams come and go.
 */
public record StreamHandle(long high, long low) implements Comparable<StreamHandle> {
  static StreamHandle of(StreamId id) {
    byte[] bytes = ByteBuffer.allocate(2 * Long.BYTES).putLong(id.high()).putLong(id.low()).array();
    ByteBuffer digest = ByteBuffer.wrap(Sha256.of(bytes));
    return new StreamHandle(digest.getLong(), digest.getLong());
  }

  /** Reads the text form; empty if it is none. */
  public static Optional<StreamHandle> parse(String text) {
    return StreamId.parse(text).map(bits -> new StreamHandle(bits.high(), bits.low()));
  }

  @Override
  public int compareTo(StreamHandle other) {
    int byHigh = Long.compareUnsigned(high, other.high);
    return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
  }

  /** 22 characters of base64url, as a {@link StreamId} has. */
  @Override
  public String toString() {
    return new StreamId(high, low).toString();
  }
}
