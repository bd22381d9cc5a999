package io.tidings.event;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Parses one JSON object as an event: {@code topic} (a string, or an array of strings whose first
 * is the canonical topic), {@code data} (a string; any other value becomes its JSON text,
 * unchanged) and optionally {@code type}, {@code id}, {@code retry} and {@code private}.
 */
final class EventParser {
  private final String text;
  private final JsonParser parser;
  private final Map<String, Consumer<String>> further;

  /**
   * @param text the whole input of the parser
   * @param further what receives the values of further fields, by their names; null in place of an
   *     object or an array
   */
  EventParser(String text, JsonParser parser, Map<String, Consumer<String>> further) {
    this.text = text;
    this.parser = parser;
    this.further = further;
  }

  /** Parses the object at the parser's current token, and leaves the parser at its end. */
  Event parse() throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw new InvalidEvent("body", "must be a JSON object for each event");
    }
    List<String> topics = null;
    String type = null;
    String id = null;
    String data = null;
    Integer retry = null;
    Visibility visibility = null;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String field = parser.currentName();
      parser.nextToken();
      switch (field) {
        case "topic" -> topics = once(field, topics, topics());
        case "type" -> type = once(field, type, string(field));
        case "id" -> id = once(field, id, id());
        case "retry" -> retry = once(field, retry, retry());
        case "data" -> data = once(field, data, data());
        case Visibility.MARK -> visibility = once(field, visibility, visibility());
        default -> further(field);
      }
    }
    return new Event(
        required("topic", topics),
        type == null ? "" : type,
        id == null ? "" : id,
        retry == null ? Event.NO_RETRY : retry,
        required("data", data),
        visibility == null ? Visibility.PUBLIC : visibility);
  }

  private void further(String field) throws IOException {
    Consumer<String> receiver = further.get(field);
    if (receiver == null) {
      throw new InvalidEvent(field, "is not a field of an event");
    }
    receiver.accept(parser.getValueAsString());
    parser.skipChildren();
  }

  private static <T> T required(String field, T value) {
    if (value == null) {
      throw new InvalidEvent(field, "must be given");
    }
    return value;
  }

  private static <T> T once(String field, T previous, T value) {
    if (previous != null) {
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

  /** The delay; a value that {@link Event} rejects if it is not an int from 0 on. */
  private int retry() throws IOException {
    if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
        || parser.getNumberType() != JsonParser.NumberType.INT) {
      return Integer.MIN_VALUE;
    }
    int retry = parser.getIntValue();
    return retry < 0 ? Integer.MIN_VALUE : retry;
  }

  private Visibility visibility() throws IOException {
    return switch (parser.currentToken()) {
      case VALUE_TRUE -> Visibility.PRIVATE;
      case VALUE_FALSE -> Visibility.PUBLIC;
      default -> throw new InvalidEvent(Visibility.MARK, "must be true or false");
    };
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
}
