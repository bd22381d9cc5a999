package io.tidings.fanout;

import io.tidings.log.Entry;
import io.tidings.sse.Frame;
import io.tidings.sse.JsonLine;

/** As what a stream hears: the one thing in which streams with the same selection can differ. */
public enum Wire {
  /** Server-Sent Events. */
  EVENT_STREAM {
    @Override
    Frame of(Entry entry) {
      return entry.frame();
    }

    @Override
    Frame beat(String place, boolean told) {
      return told ? Frame.heartbeat() : Frame.heartbeat(place);
    }

    @Override
    Frame gap(String place, String json) {
      return Frame.gap(place, json);
    }

    @Override
    Frame close(String place) {
      return Frame.close();
    }

    @Override
    Frame drain(String place, int retryMillis) {
      return Frame.drain(place, retryMillis);
    }
  },

  /** JSON objects, a line each. */
  JSON_LINES {
    @Override
    Frame of(Entry entry) {
      return JsonLine.of(entry.id(), entry.position().toString(), entry.time(), entry.event());
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

  /** Whether something of this type that the hub says is for whoever hears the events. */
  static boolean tellsOfLoss(String type) {
    return Frame.GAP.equals(type);
  }

  /** An entry. */
  abstract Frame of(Entry entry);

  /**
   * A sign of life on a quiet stream.
   *
   * @param told whether the stream knows the place already
   */
  abstract Frame beat(String place, boolean told);

  /** What a stream missed, as JSON, and the place where it goes on. */
  abstract Frame gap(String place, String json);

  /** The end of a stream that was opened for a certain time. */
  abstract Frame close(String place);

  /** The end of a stream because the hub stops, and how long to wait before coming back. */
  abstract Frame drain(String place, int retryMillis);
}
