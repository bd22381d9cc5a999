package io.tidings.scenes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AnswersTest {
  private static final Manual MANUAL = Manual.of("# one  two\n#   - three\n#fish: none\n");
  private static final long NEVER = 1_000_000;

  private final RecordingIntake published = new RecordingIntake();

  @AfterEach
  void stop() throws Exception {
    published.close();
  }

  @Test
  void theWordsTogetherAreTheAnswer() throws Exception {
    Answers answers = answers(1);
    published.run(() -> answers.ask("answer-1", "fish"));
    String topic = "scenes.answer.answer-1";
    Wait.until("done", () -> published.types(topic).contains("done"));
    assertEquals(List.of("word", "word", "word", "word", "word", "word", "done"), types(topic));
    assertEquals("fish: none\none  two\n  - three", answer(topic));
  }

  @Test
  void wordsKeepTheSpaceAfterThem() {
    assertEquals(List.of("a  ", "b\n\n", "c"), Answers.words("a  b\n\nc"));
  }

  @Test
  void aStoppedAnswerPublishesNoMoreWords() throws Exception {
    Answers answers = answers(NEVER);
    published.run(() -> answers.ask("answer-1", "fish"));
    String topic = "scenes.answer.answer-1";
    Wait.until("a word", () -> types(topic).equals(List.of("word")));
    published.run(() -> answers.stop("answer-1"));
    Wait.until("stopped", () -> types(topic).equals(List.of("word", "stopped")));
  }

  @Test
  void anAnswerThatIsStoppedBeforeItsFirstWordIsPublishedEnds() throws Exception {
    Answers answers = answers(NEVER);
    published.run(
        () -> {
          answers.ask("answer-1", "fish");
          answers.stop("answer-1");
        });
    String topic = "scenes.answer.answer-1";
    Wait.until("stopped", () -> types(topic).equals(List.of("word", "stopped")));
  }

  @Test
  void beyondTheLimitAnAnswerIsRefusedOnItsOwnTopicUntilAnotherHasEnded() throws Exception {
    Answers answers = answers(NEVER);
    for (int i = 0; i < Answers.MAX_CONCURRENT; i++) {
      String id = "answer-" + i;
      published.run(() -> answers.ask(id, "fish"));
    }
    published.run(() -> answers.ask("answer-0", "fish"));
    published.run(() -> answers.ask("one-too-many", "fish"));
    Wait.until("refused", () -> !types("scenes.answer.one-too-many").isEmpty());
    assertEquals(List.of("failed"), types("scenes.answer.one-too-many"));
    published.run(() -> answers.stop("answer-0"));
    published.run(() -> answers.ask("one-more", "fish"));
    Wait.until("a word", () -> !types("scenes.answer.one-more").isEmpty());
    assertEquals(List.of("word"), types("scenes.answer.one-more"));
    published.run(() -> answers.stop());
    Wait.until(
        "all have stopped",
        () ->
            types("scenes.answer.one-more").contains("stopped")
                && types("scenes.answer.answer-1").contains("stopped"));
    assertTrue(answer("scenes.answer.answer-1").startsWith("fish: "));
  }

  private Answers answers(long paceMillis) {
    return new Answers(published.vertx, published.publisher, MANUAL, paceMillis);
  }

  private List<String> types(String topic) {
    return published.types(topic);
  }

  private String answer(String topic) {
    var text = new StringBuilder();
    published.of(topic).stream()
        .filter(event -> event.getString("type").equals("word"))
        .forEach(event -> text.append(event.getString("data")));
    return text.toString();
  }
}
