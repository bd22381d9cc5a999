package io.tidings.fanout;

import io.tidings.event.Topic;
import io.tidings.log.Entry;
import io.tidings.wire.JsonLine;
import io.tidings.wire.SseFrame;
import io.vertx.core.json.JsonObject;

/** As what a stream hears: the one thing in which streams with the same filter can differ. */
public enum WireFormat {
  /** Server-Sent Events. */
  EVENT_STREAM,

  /** Server-Sent Events whose data are the event as a line of JSON, with its topic. */
  ENVELOPES {
    @Override
    SseFrame of(Entry entry) {
      return SseFrame.enveloped(entry.id(), entry.event(), line(entry));
    }
  },

  /** JSON objects, a line each. */
  JSON_LINES {
    @Override
    boolean eventStream() {
      return false;
    }

    @Override
    SseFrame of(Entry entry) {
      return line(entry);
    }

    @Override
    SseFrame open(long retryMillis, String position, String json) {
      return JsonLine.open(position, json);
    }

    @Override
    SseFrame beat(String position, boolean positionSent) {
      return JsonLine.beat(position);
    }

    @Override
    SseFrame gap(String position, String json) {
      return JsonLine.gap(position, json);
    }

    @Override
    SseFrame close(String position) {
      return JsonLine.close(position);
    }

    @Override
    SseFrame drain(String position, int retryMillis) {
      return JsonLine.drain(position, retryMillis);
    }
  };

  /** Whether a poll is answered by the line: by events and gaps, and by nothing else of the hub. */
  static boolean answersPoll(JsonObject line) {
    String type = line.getString("type");
    boolean own = Topic.HUB.equals(line.getString("topic")) && Topic.reserved(type);
    return !own || SseFrame.GAP.equals(type);
  }

  private static SseFrame line(Entry entry) {
    return JsonLine.of(
        entry.id(), entry.replacedId(), entry.position().toString(), entry.time(), entry.event());
  }

  /** Whether it is {@code text/event-stream}. */
  boolean eventStream() {
    return true;
  }

  /** An entry. */
  SseFrame of(Entry entry) {
    return entry.frame();
  }

  /**
   * What a stream begins with.
   *
   * @param position where the stream begins; empty where it is not known yet
   * @param json what the stream is
   */
  SseFrame open(long retryMillis, String position, String json) {
    return SseFrame.open(retryMillis, position, json);
  }

  /**
   * A sign of life on a quiet stream.
   *
   * @param positionSent whether the client was sent the position before
   */
  SseFrame beat(String position, boolean positionSent) {
    return positionSent ? SseFrame.comment() : SseFrame.beat(position);
  }

  /** What a stream missed, as JSON, and the place where it goes on. */
  SseFrame gap(String position, String json) {
    return SseFrame.gap(position, json);
  }

  /** The end of a stream that was opened for a certain time. */
  SseFrame close(String position) {
    return SseFrame.close();
  }

  /** The end of a stream because the hub stops, and how long to wait before coming back. */
  SseFrame drain(String position, int retryMillis) {
    return SseFrame.drain(position, retryMillis);
  }
}
