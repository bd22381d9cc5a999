package io.tidings.fanout;

import java.nio.ByteBuffer;
import java.security.SecureRandom;

/**
 * Draws the ids of streams, many at a time: each call of the generator takes a lock and computes a
 * digest. Confined to one event loop.
 */
final class RandomIds {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int IDS = 64;

  private final ByteBuffer bits = ByteBuffer.allocate(IDS * StreamId.BYTES).limit(0);

  /** An id that is not used for anything else. */
  StreamId next() {
    if (!bits.hasRemaining()) {
      RANDOM.nextBytes(bits.array());
      bits.clear();
    }
    return new StreamId(bits.getLong(), bits.getLong());
  }
}
