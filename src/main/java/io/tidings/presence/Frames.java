package io.tidings.presence;

import io.tidings.fanout.Subscriber;
import io.tidings.fanout.WireFormat;
import io.tidings.wire.SseFrame;
import java.util.HashMap;
import java.util.Map;

/** The frames of one change, each made once for all streams that get the same. */
final class Frames {
  private final TopicState before;
  private final TopicState now;
  private final Map<Kind, SseFrame> made = new HashMap<>();

  private record Kind(WireFormat wire, boolean names, boolean change) {}

  /**
   * @param before null if there was no state before
   */
  Frames(TopicState before, TopicState now) {
    this.before = before;
    this.now = now;
  }

  /**
   * The frame for a stream.
   *
   * @param change whether the stream knows the state before
   */
  SseFrame of(Subscriber stream, boolean change) {
    boolean names = stream.principal().grants().presence();
    return made.computeIfAbsent(new Kind(stream.wire(), names, change), this::make);
  }

  private SseFrame make(Kind kind) {
    return kind.wire.presence(
        kind.change
            ? PresenceEvents.change(before, now, kind.names)
            : PresenceEvents.state(now, kind.names));
  }
}
