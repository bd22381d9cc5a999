package io.tidings.presence;

import io.tidings.fanout.Notices.Notice;
import io.tidings.fanout.Subscriber;
import io.tidings.fanout.WireFormat;
import io.tidings.wire.SseFrame;
import java.util.HashMap;
import java.util.Map;

/** The notices of one change, each made once for all streams that get the same. */
final class Frames {
  private final TopicState before;
  private final TopicState now;
  private final Map<Kind, Notice> made = new HashMap<>();

  private record Kind(WireFormat wire, boolean names, boolean change) {}

  /**
   * @param before null if there was no state before
   */
  Frames(TopicState before, TopicState now) {
    this.before = before;
    this.now = now;
  }

  /**
   * The notice for a stream.
   *
   * @param change whether the stream knows the state before
   */
  Notice of(Subscriber stream, boolean change) {
    boolean names = seesNames(stream);
    return made.computeIfAbsent(new Kind(stream.wire(), names, change), this::make);
  }

  private static boolean seesNames(Subscriber stream) {
    return stream.principal().grants().presence();
  }

  private Notice make(Kind kind) {
    SseFrame frame =
        kind.wire.presence(
            kind.change
                ? PresenceEvents.change(before, now, kind.names)
                : PresenceEvents.state(now, kind.names));
    String topic = now.topic();
    return new Notice(
        frame,
        stream ->
            PresenceTopics.names(stream.asked(), topic) && (!kind.names || seesNames(stream)));
  }
}
