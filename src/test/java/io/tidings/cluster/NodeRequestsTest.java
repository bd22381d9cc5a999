package io.tidings.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vertx.core.Future;
import org.junit.jupiter.api.Test;

class NodeRequestsTest {
  private final FakeVoters voters = new FakeVoters();
  private final NodeRequests requests = new NodeRequests(voters);

  private String answer(String request) {
    return voters.answerer.apply(request).result();
  }

  @Test
  void theFirstWordSaysWhatAnswersTheRest() {
    requests.answer("upper", body -> Future.succeededFuture(body.toUpperCase()));
    requests.answer("length", body -> Future.succeededFuture("" + body.length()));
    assertEquals("TWO WORDS", answer("upper two words"));
    assertEquals("3", answer("length abc"));
    assertEquals("0", answer("length"));
  }

  @Test
  void aRequestIsAWordAndABody() {
    requests.ask("b", "word", "a body");
    assertEquals("word a body", voters.texts.get("b"));
    requests.ask("b", "word", "");
    assertEquals("word", voters.texts.get("b"));
  }

  @Test
  void aWordThatIsNotKnownIsAnsweredWithNothing() {
    assertEquals("", answer("of-another-version body"));
  }

  @Test
  void anAnswererThatThrowsFailsItsAnswerOnly() {
    var bug = new IllegalStateException("bug");
    requests.answer(
        "bug",
        body -> {
          throw bug;
        });
    assertSame(bug, voters.answerer.apply("bug").cause());
  }

  @Test
  void aWordHasOneAnswerer() {
    requests.answer("word", Future::succeededFuture);
    assertThrows(
        IllegalStateException.class, () -> requests.answer("word", Future::succeededFuture));
  }
}
