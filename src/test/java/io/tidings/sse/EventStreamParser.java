package io.tidings.sse;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads an event stream as the HTML standard says (9.2.6), from bytes that may be cut anywhere. A
 * second mind beside {@link Frame}, which must agree with it.
 */
public final class EventStreamParser {
  /** An event as a browser would dispatch it. */
  public record Heard(String type, String data, String lastEventId) {}

  private final List<Heard> heard = new ArrayList<>();
  private final java.io.ByteArrayOutputStream line = new java.io.ByteArrayOutputStream();
  private final StringBuilder data = new StringBuilder();
  private String type = "";
  private String idBuffer = "";
  private String lastEventId = "";
  private long retry = -1;
  private int comments;
  private boolean afterCr;
  private boolean first = true;

  /** Takes in bytes; what they complete is added to {@link #heard}. */
  public void feed(byte[] bytes) {
    for (byte b : bytes) {
      if (b == '\n' && afterCr) {
        afterCr = false;
        continue;
      }
      afterCr = b == '\r';
      if (b == '\r' || b == '\n') {
        String text = line.toString(StandardCharsets.UTF_8);
        line.reset();
        line(first && text.startsWith("\uFEFF") ? text.substring(1) : text);
        first = false;
      } else {
        line.write(b);
      }
    }
  }

  public List<Heard> heard() {
    return heard;
  }

  public String lastEventId() {
    return lastEventId;
  }

  public long retry() {
    return retry;
  }

  public int comments() {
    return comments;
  }

  private void line(String text) {
    int colon = text.indexOf(':');
    if (text.isEmpty()) {
      dispatch();
    } else if (colon == 0) {
      comments++;
    } else if (colon > 0) {
      String value = text.substring(colon + 1);
      field(text.substring(0, colon), value.startsWith(" ") ? value.substring(1) : value);
    } else {
      field(text, "");
    }
  }

  private void field(String name, String value) {
    switch (name) {
      case "event" -> type = value;
      case "data" -> data.append(value).append('\n');
      case "id" -> idBuffer = value.indexOf('\0') < 0 ? value : idBuffer;
      case "retry" -> retry = value.matches("[0-9]+") ? Long.parseLong(value) : retry;
      default -> {
        // the standard ignores other fields
      }
    }
  }

  private void dispatch() {
    lastEventId = idBuffer;
    if (data.length() > 0) {
      data.setLength(data.length() - 1);
      heard.add(new Heard(type.isEmpty() ? "message" : type, data.toString(), lastEventId));
    }
    data.setLength(0);
    type = "";
  }
}
