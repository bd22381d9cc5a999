package io.tidings.fanout;

import io.tidings.event.Topic;
import io.tidings.log.Entry;
import io.tidings.wire.JsonLine;
import io.tidings.wire.SseFrame;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * The encoding of a stream: the only property in which client streams with the same filter can
 * differ.
 */
public enum WireFormat {
  /** Server-Sent Events. */
  EVENT_STREAM,

  /** Server-Sent Events whose data are the event as a line of JSON, with its topic. */
  ENVELOPES {
    @Override
    SseFrame encode(Entry entry) {
      return SseFrame.enveloped(entry.id(), entry.event(), line(entry));
    }
  },

  /** JSON objects, one per line. */
  JSON_LINES {
    @Override
    boolean eventStream() {
      return false;
    }

    @Override
    SseFrame encode(Entry entry) {
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
    SseFrame stale(String json) {
      return JsonLine.stale(json);
    }

    @Override
    SseFrame auth(String json) {
      return JsonLine.auth(json);
    }

    @Override
    public SseFrame presence(String json) {
      return JsonLine.presence(json);
    }

    @Override
    SseFrame end(String position, String json) {
      return JsonLine.end(position, json);
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

  /** Whether the line answers a poll: events and gaps do, other events of the hub itself do not. */
  static boolean answersPoll(JsonObject line) {
    String type = line.getString("type");
    boolean own = Topic.HUB.equals(line.getString("topic")) && Topic.reserved(type);
    return !own || SseFrame.GAP.equals(type);
  }

  /** Whether the line is the opening frame. */
  static boolean opens(JsonObject line) {
    return Topic.HUB.equals(line.getString("topic"))
        && SseFrame.OPEN.equals(line.getString("type"));
  }

  private static SseFrame line(Entry entry) {
    return JsonLine.of(
        entry.id(), entry.replacedId(), entry.position().toString(), entry.time(), entry.event());
  }

  /** Whether it is {@code text/event-stream}. */
  boolean eventStream() {
    return true;
  }

  /**
   * Encodes the first entries, as many as fit.
   *
   * @param maxFirst the maximum number of bytes of the first frame alone
   * @param max the maximum number of bytes of several frames
   */
  final List<SseFrame> encodeFitting(List<Entry> entries, int maxFirst, int max) {
    var frames = new ArrayList<SseFrame>(entries.size());
    for (long bytes = 0; frames.size() < entries.size() && bytes < max; ) {
      SseFrame frame = encode(entries.get(frames.size()));
      bytes += frame.size();
      if (bytes > (frames.isEmpty() ? maxFirst : max)) {
        break;
      }
      frames.add(frame);
    }
    return frames;
  }

  /** Encodes an entry. */
  SseFrame encode(Entry entry) {
    return entry.frame();
  }

  /**
   * The opening frame.
   *
   * @param position where the stream begins; empty if not known yet
   * @param json describes the stream
   */
  SseFrame open(long retryMillis, String position, String json) {
    return SseFrame.open(retryMillis, position, json);
  }

  /**
   * A heartbeat on a quiet stream.
   *
   * @param positionSent whether the client was sent the position before
   */
  SseFrame beat(String position, boolean positionSent) {
    return positionSent ? SseFrame.comment() : SseFrame.beat(position);
  }

  /** Reports a gap, as JSON, and the position from which the stream continues. */
  SseFrame gap(String position, String json) {
    return SseFrame.gap(position, json);
  }

  /** Reports, as JSON, that newer entries may be on other nodes; leaves the client's position. */
  SseFrame stale(String json) {
    return SseFrame.stale(json);
  }

  /** Tells, as JSON, which rights the stream has now; leaves the client's position. */
  SseFrame auth(String json) {
    return SseFrame.auth(json);
  }

  /** Tells, as JSON, who is present at a topic; leaves the client's position. */
  public SseFrame presence(String json) {
    return SseFrame.presence(json);
  }

  /** The last frame of a stream whose rights have ended, with the reason as JSON. */
  SseFrame end(String position, String json) {
    return SseFrame.end(position, json);
  }

  /** The last frame of a stream that was opened for a limited time. */
  SseFrame close(String position) {
    return SseFrame.close();
  }

  /**
   * The last frame of a stream that the hub ends before its time, with how long to wait before
   * reconnecting.
   */
  SseFrame drain(String position, int retryMillis) {
    return SseFrame.drain(position, retryMillis);
  }
}
