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
    SseFrame open(long retryMillis, String place, String json) {
      return JsonLine.open(place, json);
    }

    @Override
    SseFrame beat(String place, boolean told) {
      return JsonLine.beat(place);
    }

    @Override
    SseFrame gap(String place, String json) {
      return JsonLine.gap(place, json);
    }

    @Override
    SseFrame close(String place) {
      return JsonLine.close(place);
    }

    @Override
    SseFrame drain(String place, int retryMillis) {
      return JsonLine.drain(place, retryMillis);
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
   * @param place where it begins; empty where it has none to tell yet
   * @param json what the stream is
   */
  SseFrame open(long retryMillis, String place, String json) {
    return SseFrame.open(retryMillis, place, json);
  }

  /**
   * A sign of life on a quiet stream.
   *
   * @param told whether the stream knows the place already
   */
  SseFrame beat(String place, boolean told) {
    return told ? SseFrame.comment() : SseFrame.beat(place);
  }

  /** What a stream missed, as JSON, and the place where it goes on. */
  SseFrame gap(String place, String json) {
    return SseFrame.gap(place, json);
  }

  /** The end of a stream that was opened for a certain time. */
  SseFrame close(String place) {
    return SseFrame.close();
  }

  /** The end of a stream because the hub stops, and how long to wait before coming back. */
  SseFrame drain(String place, int retryMillis) {
    return SseFrame.drain(place, retryMillis);
  }
}
