package io.tidings.wire;

import java.nio.charset.StandardCharsets;

/**
 * The hub's own events on streams without positions, such as {@code /stats}: a type {@code hub.*}
 * and JSON as data, in either wire format.
 */
public final class HubNotice {
  private static final String HUB = "hub";

  private HubNotice() {}

  /**
   * An event of a {@code text/event-stream}.
   *
   * @param json a single line
   */
  public static SseFrame event(String type, String json) {
    return frame("event: " + type + "\ndata: " + json + "\n\n");
  }

  /** An event that also sets the client's reconnection delay. */
  public static SseFrame event(String type, String json, long retryMillis) {
    return frame("retry: " + retryMillis + "\nevent: " + type + "\ndata: " + json + "\n\n");
  }

  /** A line of JSON: {@code {"topic":"hub","type","data"}}, with data as a string. */
  public static SseFrame line(String type, String json) {
    return JsonLine.line(
        line -> {
          line.writeStringField("topic", HUB);
          line.writeStringField("type", type);
          line.writeStringField("data", json);
        });
  }

  private static SseFrame frame(String text) {
    return new SseFrame(text.getBytes(StandardCharsets.UTF_8));
  }
}
