package io.tidings.scenes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidings.Wait;
import io.tidings.bus.Publisher;
import io.tidings.event.InvalidEvent;
import io.tidings.log.Entry;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AnswersTest {
  private static final Manual MANUAL = Manual.of("# one  two\n#   - three\n#fish: none\n");
  private static final String TEXT = "fish: none\none  two\n  - three";
  private static final String TOPIC = "scenes.answer.answer-1";
  private static final List<String> COMPLETE =
      List.of("question", "word", "word", "word", "word", "word", "word", "done");
  private static final long NEVER = 1_000_000;

  private HubInMemory hub;

  @BeforeEach
  void start() throws Exception {
    hub = new HubInMemory();
  }

  @AfterEach
  void stop() throws Exception {
    hub.close();
  }

  @Test
  void theQuestionComesFirstAndTheWordsTogetherAreTheAnswer() throws Exception {
    Node node = new Node(1, MANUAL);
    node.leads.set(true);
    request("ask", "answer-1", "fish");
    Wait.until("done", () -> hub.types(TOPIC).equals(COMPLETE));
    assertEquals("fish", hub.text(TOPIC, "question"));
    assertEquals(TEXT, hub.text(TOPIC, "word"));
  }

  @Test
  void wordsKeepTheSpaceAfterThem() {
    assertEquals(List.of("a  ", "b\n\n", "c"), Answer.words("a  b\n\nc"));
  }

  @Test
  void aStoppedAnswerPublishesNoMoreWords() throws Exception {
    Node node = new Node(1, MANUAL);
    request("ask", "answer-1", "fish");
    request("stop", "answer-1", "");
    node.leads.set(true);
    Wait.until("stopped", () -> hub.types(TOPIC).equals(List.of("stopped")));
    request("ask", "answer-2", "fish");
    Wait.until("another is complete", () -> hub.types("scenes.answer.answer-2").equals(COMPLETE));
    assertEquals(List.of("stopped"), hub.types(TOPIC));
  }

  @Test
  void whatStopsNothingIsIgnored() throws Exception {
    Node node = new Node(1, MANUAL);
    node.leads.set(true);
    request("stop", "answer-1", "");
    request("ask", "answer-1", "fish");
    Wait.until("done", () -> hub.types(TOPIC).equals(COMPLETE));
    request("stop", "answer-1", "");
    request("ask", "answer-2", "fish");
    Wait.until("another is complete", () -> hub.types("scenes.answer.answer-2").equals(COMPLETE));
    assertEquals(COMPLETE, hub.types(TOPIC));
  }

  @Test
  void anotherLeaderContinuesWhereTheLogEndsAndRepeatsNothing() throws Exception {
    Node first = new Node(1, MANUAL);
    Node second = new Node(1, MANUAL);
    first.leads.set(true);
    request("ask", "answer-1", "fish");
    Wait.until("a word", () -> hub.types(TOPIC).contains("word"));
    second.leads.set(true); // and the first one does not know it
    Wait.until("done", () -> hub.types(TOPIC).contains("done"));
    request("ask", "answer-2", "fish");
    Wait.until("another is complete", () -> hub.types("scenes.answer.answer-2").contains("done"));
    assertEquals(COMPLETE, hub.types(TOPIC));
    assertEquals(TEXT, hub.text(TOPIC, "word"));
  }

  @Test
  void anAnswerWhoseManualWasChangedMeanwhileSaysSo() throws Exception {
    Node upgraded = new Node(1, MANUAL);
    request("ask", "answer-1", "fish");
    hub.append(TOPIC, "question", "fish");
    hub.append(TOPIC, "word", "whale: ");
    upgraded.leads.set(true);
    Wait.until("failed", () -> hub.types(TOPIC).equals(List.of("question", "word", "failed")));
    assertEquals(
        reason("the manual was changed meanwhile, so the answer can't be continued"),
        hub.text(TOPIC, "failed"));
  }

  private static String reason(String text) {
    return new JsonObject().put("reason", text).encode();
  }

  @Test
  void theSameIdIsAnsweredAgainAfterItsAnswerHasEnded() throws Exception {
    Node node = new Node(1, MANUAL);
    node.leads.set(true);
    request("ask", "answer-1", "fish");
    request("ask", "answer-1", "fish");
    Wait.until("done", () -> hub.types(TOPIC).contains("done"));
    assertEquals(COMPLETE, hub.types(TOPIC), "a repeated request");
    request("ask", "answer-1", "fish");
    Wait.until("done again", () -> hub.text(TOPIC, "word").equals(TEXT + TEXT));
  }

  @Test
  void beyondTheLimitAnAnswerIsRefusedOnItsOwnTopicUntilAnotherHasEnded() throws Exception {
    Node node = new Node(1, MANUAL);
    for (int i = 0; i < Answers.MAX_CONCURRENT; i++) {
      request("ask", "answer-" + i, "fish");
    }
    request("ask", "one-too-many", "fish");
    request("stop", "answer-0", "");
    node.leads.set(true);
    String refused = "scenes.answer.one-too-many";
    Wait.until("refused", () -> hub.types(refused).equals(List.of("failed")));
    assertEquals(
        reason("the hub gives 4 answers already; try again in a minute"),
        hub.text(refused, "failed"));
    Wait.until("stopped", () -> hub.types("scenes.answer.answer-0").contains("stopped"));
    request("ask", "one-more", "fish");
    Wait.until("a place is free", () -> hub.types("scenes.answer.one-more").contains("done"));
  }

  @Test
  void anUnknownVerbIsRefused() throws Exception {
    var entry = hub.append(Answers.TOPIC, "tell", "{\"id\":\"answer-1\"}");
    var answers = new Answers(hub.vertx, new Publisher(hub.vertx), MANUAL, NEVER, () -> true);
    assertThrows(InvalidEvent.class, () -> answers.apply(entry));
  }

  private void request(String verb, String id, String question) throws Exception {
    var data = new JsonObject().put("id", id).put("question", question);
    hub.append(Answers.TOPIC, verb, data.encode());
  }

  /** The answers of one node, on an event loop of its own. */
  private final class Node {
    final AtomicBoolean leads = new AtomicBoolean();

    Node(long wordMillis, Manual manual) {
      var publisher = Publisher.toLocalHub(hub.vertx);
      var answers = new Answers(hub.vertx, publisher, manual, wordMillis, leads::get);
      hub.feed.follow(
          hub.vertx.getOrCreateContext(),
          entries -> entries.list().forEach(entry -> apply(answers, entry)));
    }

    private void apply(Answers answers, Entry entry) {
      if (Answers.concern(entry.event().topic())) {
        answers.apply(entry);
      }
    }
  }
}
