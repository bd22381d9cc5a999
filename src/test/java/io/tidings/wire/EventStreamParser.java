package io.tidings.wire;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Parses an event stream as the HTML standard defines it (9.2.6), from bytes that may be split
 * anywhere; an implementation independent of {@link SseFrame}. {@link #droppingBlocksWithoutData()}
 * parses as many client libraries do.
 */
public final class EventStreamParser {
  private static final Set<String> OPENING_AND_BEAT = Set.of("hub.open", "hub.beat");

  /** An event as a browser would dispatch it. */
  public record ReceivedEvent(String type, String data, String lastEventId) {}

  private final boolean dropping;
  private final List<ReceivedEvent> events = new ArrayList<>();
  private final List<ReceivedEvent> all = new ArrayList<>();
  private final java.io.ByteArrayOutputStream line = new java.io.ByteArrayOutputStream();
  private final StringBuilder data = new StringBuilder();
  private String type = "";
  private String idBuffer = "";
  private String lastEventId = "";
  private long retry = -1;
  private int comments;
  private int blocks;
  private boolean afterCr;
  private boolean first = true;

  /** A parser that follows the standard. */
  public EventStreamParser() {
    this(false);
  }

  private EventStreamParser(boolean dropping) {
    this.dropping = dropping;
  }

  /** A parser that ignores a block without data altogether, and with it the block's id. */
  public static EventStreamParser droppingBlocksWithoutData() {
    return new EventStreamParser(true);
  }

  /** Parses bytes; events that they complete are added to {@link #events} and {@link #all}. */
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

  /** The events, and the hub's own except {@code hub.open} and {@code hub.beat}. */
  public List<ReceivedEvent> events() {
    return events;
  }

  /** All events, including {@code hub.open} and {@code hub.beat}. */
  public List<ReceivedEvent> all() {
    return all;
  }

  /** The events with the type. */
  public List<ReceivedEvent> all(String type) {
    return all.stream().filter(one -> one.type().equals(type)).toList();
  }

  /** The events for {@code EventSource.onmessage}. */
  public List<ReceivedEvent> messages() {
    return all("message");
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

  /** The number of blocks, that is of empty lines. */
  public int blocks() {
    return blocks;
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
    blocks++;
    if (dropping && data.length() == 0) {
      idBuffer = lastEventId;
    }
    lastEventId = idBuffer;
    if (data.length() > 0) {
      data.setLength(data.length() - 1);
      var one = new ReceivedEvent(type.isEmpty() ? "message" : type, data.toString(), lastEventId);
      all.add(one);
      if (!OPENING_AND_BEAT.contains(one.type())) {
        events.add(one);
      }
    }
    data.setLength(0);
    type = "";
  }
}
