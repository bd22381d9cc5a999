package io.tidings.fanout;

import io.tidings.wire.SseFrame;
import io.vertx.core.Future;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes frames of the hub's own to many streams, each on its own event loop, and a few in each
 * task of the loop. Streams of one task that get the same frame share its bytes. Any thread.
 */
public final class Notices {
  private Notices() {}

  /**
   * Writes each stream its frame, if that can be done now ({@link Subscriber#tell}).
   *
   * @return the streams that were written to; fails if a write does, when all the others are done,
   *     or if a loop has ended
   */
  public static Future<Set<Subscriber>> write(Map<Subscriber, SseFrame> frames) {
    return LoopSlices.slices(List.copyOf(frames.keySet()), slice -> write(slice, frames))
        .map(
            parts -> {
              var written = new HashSet<Subscriber>();
              parts.forEach(written::addAll);
              return written;
            });
  }

  private static Set<Subscriber> write(List<Subscriber> slice, Map<Subscriber, SseFrame> frames) {
    Map<SseFrame, Chunk> chunks = new IdentityHashMap<>();
    try {
      var written = new HashSet<Subscriber>();
      for (Subscriber stream : slice) {
        Chunk chunk = chunks.computeIfAbsent(frames.get(stream), Chunk::of);
        if (stream.tell(chunk)) {
          written.add(stream);
        }
      }
      return written;
    } finally {
      chunks.values().forEach(Chunk::release);
    }
  }
}
