package io.tidings.event;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Reads events from JSON: objects one after the other, as in NDJSON, or one array of them. An
 * object has {@code topic} (a string, or an array of strings whose first is the canonical topic),
 * {@code data} (a string; any other value is taken as its JSON text, as it stands there) and
 * perhaps {@code type}, {@code id} and {@code retry}.
 */
public final class EventReader {
  private static final JsonFactory JSON = new JsonFactory();

  private final String text;
  private final JsonParser parser;
  private final Set<String> passedOver;
  private final Consumer<Event> check;

  private EventReader(
      String text, JsonParser parser, Set<String> passedOver, Consumer<Event> check) {
    this.text = text;
    this.parser = parser;
    this.passedOver = passedOver;
    this.check = check;
  }

  /**
   * @param check throws {@link InvalidEvent} where an event breaks a rule beyond those for all
   *     events
   * @return the events in their order, at least one
   * @throws InvalidEvent with the line on which the wrong event begins
   */
  public static List<Event> read(String json, Consumer<Event> check) {
    return read(json, Set.of(), check);
  }

  /**
   * The same, where events may have other fields too.
   *
   * @param passedOver the names of fields that mean nothing here
   */
  public static List<Event> read(String json, Set<String> passedOver, Consumer<Event> check) {
    try (JsonParser parser = JSON.createParser(json)) {
      return new EventReader(json, parser, passedOver, check).all();
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      throw notJson(e).atLine(line);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // there is no input or output to fail
    }
  }

  private List<Event> all() throws IOException {
    var events = new ArrayList<Event>();
    JsonToken token = parser.nextToken();
    boolean array = token == JsonToken.START_ARRAY;
    if (array) {
      token = parser.nextToken();
    }
    while (token != null && token != JsonToken.END_ARRAY) {
      events.add(eventOnItsLine());
      token = parser.nextToken();
    }
    if (array && parser.nextToken() != null) {
      throw new InvalidEvent("body", "must have nothing after the array").atLine(line());
    }
    if (events.isEmpty()) {
      throw new InvalidEvent("body", "must have at least one event");
    }
    return events;
  }

  private Event eventOnItsLine() throws IOException {
    int line = line();
    try {
      Event event = event();
      check.accept(event);
      return event;
    } catch (InvalidEvent e) {
      throw e.atLine(line);
    } catch (JsonProcessingException e) {
      throw notJson(e).atLine(line);
    }
  }

  private Event event() throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw new InvalidEvent("body", "must be a JSON object for each event");
    }
    List<String> topics = null;
    String type = null;
    String id = null;
    String data = null;
    Integer retry = null;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String field = parser.currentName();
      parser.nextToken();
      switch (field) {
        case "topic" -> topics = once(field, topics, topics());
        case "type" -> type = once(field, type, string(field));
        case "id" -> id = once(field, id, id());
        case "retry" -> retry = once(field, retry, retry());
        case "data" -> data = once(field, data, data());
        default -> passOver(field);
      }
    }
    if (topics == null) {
      throw new InvalidEvent("topic", "must be given");
    }
    if (data == null) {
      throw new InvalidEvent("data", "must be given");
    }
    return new Event(
        topics,
        type == null ? "" : type,
        id == null ? "" : id,
        retry == null ? Event.NO_RETRY : retry,
        data);
  }

  private void passOver(String field) throws IOException {
    if (!passedOver.contains(field)) {
      throw new InvalidEvent(field, "is not a field of an event");
    }
    parser.skipChildren();
  }

  private static <T> T once(String field, T before, T value) {
    if (before != null) {
      throw new InvalidEvent(field, "must not be given twice");
    }
    return value;
  }

  private List<String> topics() throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      return List.of(string("topic"));
    }
    var topics = new ArrayList<String>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      topics.add(string("topic"));
    }
    return topics;
  }

  private String string(String field) throws IOException {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw new InvalidEvent(field, "must be a string");
    }
    return parser.getText();
  }

  private String id() throws IOException {
    String id = string("id");
    if (id.isEmpty()) {
      throw new InvalidEvent("id", "must not be empty");
    }
    return id;
  }

  private int retry() throws IOException {
    if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
        || parser.getNumberType() != JsonParser.NumberType.INT) {
      return Integer.MIN_VALUE; // the event says what it must be
    }
    int retry = parser.getIntValue();
    return retry < 0 ? Integer.MIN_VALUE : retry;
  }

  private String data() throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      return parser.getText();
    }
    int from = (int) parser.currentTokenLocation().getCharOffset();
    parser.skipChildren();
    parser.finishToken();
    return text.substring(from, (int) parser.currentLocation().getCharOffset());
  }

  private int line() {
    return parser.currentTokenLocation().getLineNr();
  }

  private static InvalidEvent notJson(JsonProcessingException e) {
    // the parser adds where it is, in its own words; the line is told apart
    String reason =
        e.getOriginalMessage().lines().findFirst().orElse("").replaceAll(" \\(.*Source: .*", "");
    return new InvalidEvent("body", "must be JSON: " + reason);
  }
}
