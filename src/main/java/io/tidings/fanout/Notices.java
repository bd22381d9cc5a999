package io.tidings.fanout;

import io.tidings.wire.SseFrame;
import io.vertx.core.Future;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Writes frames of the hub's own to many streams, each on its own event loop, and a few in each
 * task of the loop. Streams of one task that get the same frame share its bytes. Any thread.
 */
public final class Notices {
  /**
   * What a stream is told.
   *
   * @param allowed whether a stream may be told that, asked on its event loop when it is written:
   *     the stream may have been renewed since
   */
  public record Notice(SseFrame frame, Predicate<Subscriber> allowed) {}

  private Notices() {}

  /**
   * Writes each stream its frame, if it is allowed and can be done now ({@link Subscriber#tell}).
   *
   * @return the streams that were written to; fails if a write does, when all the others are done,
   *     or if a loop has ended
   */
  public static Future<Set<Subscriber>> write(Map<Subscriber, Notice> notices) {
    return LoopSlices.slices(List.copyOf(notices.keySet()), slice -> write(slice, notices))
        .map(
            parts -> {
              var written = new HashSet<Subscriber>();
              parts.forEach(written::addAll);
              return written;
            });
  }

  private static Set<Subscriber> write(List<Subscriber> slice, Map<Subscriber, Notice> notices) {
    Map<SseFrame, Chunk> chunks = new IdentityHashMap<>();
    try {
      var written = new HashSet<Subscriber>();
      for (Subscriber stream : slice) {
        Notice notice = notices.get(stream);
        if (notice.allowed.test(stream)
            && stream.tell(chunks.computeIfAbsent(notice.frame, Chunk::of))) {
          written.add(stream);
        }
      }
      return written;
    } finally {
      chunks.values().forEach(Chunk::release);
    }
  }
}
