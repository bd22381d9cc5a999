package io.tidings.event;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Reads a batch of events from JSON: a sequence of objects, as in NDJSON, or one array of them.
 * {@link EventParser} reads each object; this class knows the form of the batch, and the lines that
 * errors report.
 */
public final class EventReader {
  private static final JsonFactory JSON = new JsonFactory();

  private final JsonParser parser;
  private final EventParser events;
  private final Consumer<Event> check;

  private EventReader(JsonParser parser, EventParser events, Consumer<Event> check) {
    this.parser = parser;
    this.events = events;
    this.check = check;
  }

  /**
   * @param check throws {@link InvalidEvent} if an event breaks a rule beyond those for all events
   * @return the events in their order, at least one
   * @throws InvalidEvent with the line on which the invalid event begins
   */
  public static List<Event> read(String json, Consumer<Event> check) {
    return read(json, Map.of(), check);
  }

  /**
   * Reads events that may have further fields.
   *
   * @param further what receives the values of further fields, by their names, before the event is
   *     checked; null in place of an object or an array
   */
  public static List<Event> read(
      String json, Map<String, Consumer<String>> further, Consumer<Event> check) {
    try (JsonParser parser = JSON.createParser(json)) {
      return new EventReader(parser, new EventParser(json, parser, further), check).readAll();
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      throw notJson(e).atLine(line);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // not possible: the input is a String
    }
  }

  private List<Event> readAll() throws IOException {
    var batch = new ArrayList<Event>();
    JsonToken token = parser.nextToken();
    boolean array = token == JsonToken.START_ARRAY;
    if (array) {
      token = parser.nextToken();
    }
    while (token != null && token != JsonToken.END_ARRAY) {
      batch.add(readOne());
      token = parser.nextToken();
    }
    if (array && parser.nextToken() != null) {
      throw new InvalidEvent("body", "must have nothing after the array").atLine(line());
    }
    if (batch.isEmpty()) {
      throw new InvalidEvent("body", "must have at least one event");
    }
    return batch;
  }

  private Event readOne() throws IOException {
    int line = line();
    try {
      Event event = events.parse();
      check.accept(event);
      return event;
    } catch (InvalidEvent e) {
      throw e.atLine(line);
    } catch (JsonProcessingException e) {
      throw notJson(e).atLine(line);
    }
  }

  private int line() {
    return parser.currentTokenLocation().getLineNr();
  }

  private static InvalidEvent notJson(JsonProcessingException e) {
    // Jackson appends the location to its message; InvalidEvent reports the line instead
    String reason =
        e.getOriginalMessage().lines().findFirst().orElse("").replaceAll(" \\(.*Source: .*", "");
    return new InvalidEvent("body", "must be JSON: " + reason);
  }
}
