package io.tidings.presence;

import io.tidings.fanout.Notices.Notice;
import io.tidings.fanout.Subscriber;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * A topic that streams of this node watch, and how far each of them was told. Confined to one event
 * loop.
 *
 * <p>There is no queue: a stream that was not told the previous change, because it is new or slow,
 * is told the newest state instead.
 */
final class WatchedTopic {
  /** What each stream was told last: the number of a state, or a negative one for none. */
  private final Map<Subscriber, Long> told = new HashMap<>();

  /** What those that are being told were told before. */
  private final Map<Subscriber, Long> before = new HashMap<>();

  private final long sinceMillis;
  private TopicState state;
  private TopicState previous;
  private long number;
  private long fresh;

  /**
   * @param now in monotonic milliseconds
   */
  WatchedTopic(long now) {
    this.sinceMillis = now;
  }

  /** When the first stream began to watch it. */
  long sinceMillis() {
    return sinceMillis;
  }

  /** A stream is to be told the state, also if it was told before. */
  void add(Subscriber stream) {
    told.put(stream, --fresh); // unlike any other, so that what is on its way does not count
  }

  void remove(Subscriber stream) {
    told.remove(stream);
  }

  boolean isEmpty() {
    return told.isEmpty();
  }

  /** Whether streams are being told; then {@link #tell} must not be called. */
  boolean telling() {
    return !before.isEmpty();
  }

  /** The state that was told last; null if none was. */
  TopicState state() {
    return state;
  }

  /** Whether all streams were told the last state. */
  boolean allTold() {
    return told.values().stream().allMatch(last -> last == number);
  }

  /** What the streams have to be told if this is the state now; they are being told then. */
  Map<Subscriber, Notice> tell(TopicState now) {
    if (state == null || !now.looksLike(state)) {
      previous = state;
      number++;
    }
    state = now;
    Map<Subscriber, Notice> notices = new HashMap<>();
    var made = new Frames(previous, state);
    told.forEach(
        (stream, last) -> {
          if (last < number) {
            notices.put(stream, made.of(stream, last >= 1 && last == number - 1));
            before.put(stream, last);
          }
        });
    return notices;
  }

  /** These streams were told; others that were to be told were not. */
  void told(Collection<Subscriber> streams) {
    streams.forEach(stream -> told.replace(stream, before.get(stream), number));
    before.clear();
  }
}
