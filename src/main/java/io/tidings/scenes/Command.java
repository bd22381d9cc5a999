package io.tidings.scenes;

import io.tidings.event.Event;
import io.tidings.event.InvalidEvent;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.regex.Pattern;

/**
 * A page's request: the event's type is the verb, its data is {@code {"id", "question"}}.
 *
 * @param verb the event's type
 * @param id chosen by the page; the last part of the topic on which it is answered
 * @param question empty if absent
 */
record Command(String verb, String id, String question) {
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9-]{8,64}");
  private static final int MAX_QUESTION_LENGTH = 500;

  /**
   * @throws InvalidEvent if the data is not a valid command
   */
  static Command of(Event event) {
    JsonObject data = json(event.data());
    String question = text(data, "question");
    if (question.length() > MAX_QUESTION_LENGTH) {
      throw new InvalidEvent(
          "question", "must have at most " + MAX_QUESTION_LENGTH + " characters");
    }
    String id = text(data, "id");
    if (!ID.matcher(id).matches()) {
      throw new InvalidEvent("id", "must be 8 to 64 letters, digits or hyphens");
    }
    return new Command(event.type(), id, question);
  }

  private static JsonObject json(String data) {
    try {
      return new JsonObject(data);
    } catch (DecodeException e) {
      throw new InvalidEvent("data", "must be a JSON object");
    }
  }

  private static String text(JsonObject data, String field) {
    return data.getValue(field) instanceof String text ? text : "";
  }
}
