package io.tidings.fanout;

import io.tidings.event.Topic;
import io.tidings.log.Entry;
import io.tidings.sse.Frame;
import io.tidings.sse.JsonLine;
import io.vertx.core.json.JsonObject;

/** As what a stream hears: the one thing in which streams with the same selection can differ. */
public enum Wire {
  /** Server-Sent Events. */
  EVENT_STREAM,

  /** Server-Sent Events whose data are the event as a line of JSON, with its topic. */
  ENVELOPES {
    @Override
    Frame of(Entry entry) {
      return Frame.enveloped(entry.id(), entry.event(), line(entry));
    }
  },

  /** JSON objects, a line each. */
  JSON_LINES {
    @Override
    boolean eventStream() {
      return false;
    }

    @Override
    Frame of(Entry entry) {
      return line(entry);
    }

    @Override
    Frame open(long retryMillis, String place, String json) {
      return JsonLine.open(place, json);
    }

    @Override
    Frame beat(String place, boolean told) {
      return JsonLine.beat(place);
    }

    @Override
    Frame gap(String place, String json) {
      return JsonLine.gap(place, json);
    }

    @Override
    Frame close(String place) {
      return JsonLine.close(place);
    }

    @Override
    Frame drain(String place, int retryMillis) {
      return JsonLine.drain(place, retryMillis);
    }
  };

  /** Whether a poll is answered by the line: by events and gaps, and by nothing else of the hub. */
  static boolean answersPoll(JsonObject line) {
    String type = line.getString("type");
    boolean own = Topic.HUB.equals(line.getString("topic")) && Topic.reserved(type);
    return !own || Frame.GAP.equals(type);
  }

  private static Frame line(Entry entry) {
    return JsonLine.of(
        entry.id(), entry.replacedId(), entry.position().toString(), entry.time(), entry.event());
  }

  /** Whether it is {@code text/event-stream}. */
  boolean eventStream() {
    return true;
  }

  /** An entry. */
  Frame of(Entry entry) {
    return entry.frame();
  }

  /**
   * What a stream begins with.
   *
   * @param place where it begins; empty where it has none to tell yet
   * @param json what the stream is
   */
  Frame open(long retryMillis, String place, String json) {
    return Frame.open(retryMillis, place, json);
  }

  /**
   * A sign of life on a quiet stream.
   *
   * @param told whether the stream knows the place already
   */
  Frame beat(String place, boolean told) {
    return told ? Frame.comment() : Frame.beat(place);
  }

  /** What a stream missed, as JSON, and the place where it goes on. */
  Frame gap(String place, String json) {
    return Frame.gap(place, json);
  }

  /** The end of a stream that was opened for a certain time. */
  Frame close(String place) {
    return Frame.close();
  }

  /** The end of a stream because the hub stops, and how long to wait before coming back. */
  Frame drain(String place, int retryMillis) {
    return Frame.drain(place, retryMillis);
  }
}
