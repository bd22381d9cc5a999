package io.tidings.scenes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidings.event.Event;
import io.tidings.event.InvalidEvent;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandTest {
  @Test
  void aCommandHasTheTypeOfTheEventAndTheFieldsOfItsData() {
    String data = "{\"id\":\"1234-abCD\",\"question\":\"why?\"}";
    assertEquals(new Command("ask", "1234-abCD", "why?"), Command.of(event(data)));
    assertEquals(new Command("ask", "12345678", ""), Command.of(event("{\"id\":\"12345678\"}")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "text",
        "[]",
        "null",
        "{}",
        "{\"id\":12345678}",
        "{\"id\":\"short\"}",
        "{\"id\":\"with.a.dot\"}",
        "{\"id\":\"with a space\"}",
        "{\"id\":\"********\"}",
        "{\"id\":\"12345678\\n\"}",
      })
  void anIdThatIsNoTopicPartIsRejected(String data) {
    assertThrows(InvalidEvent.class, () -> Command.of(event(data)));
  }

  @Test
  void idsAndQuestionsHaveALength() {
    var longId = new JsonObject().put("id", "x".repeat(65)).encode();
    assertThrows(InvalidEvent.class, () -> Command.of(event(longId)));
    var longQuestion = new JsonObject().put("id", "12345678").put("question", "x".repeat(501));
    assertThrows(InvalidEvent.class, () -> Command.of(event(longQuestion.encode())));
  }

  private static Event event(String data) {
    return new Event(List.of(Answers.TOPIC), "ask", "", Event.NO_RETRY, data);
  }
}
