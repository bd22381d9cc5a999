package io.tidings.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.tidings.cluster.AllNodes.Answer;
import io.tidings.cluster.AllNodes.Answers;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AllNodesTest {
  private static final JsonObject QUESTION = new JsonObject().put("question", 1);

  private long nanos;
  private final FakeVoters voters = new FakeVoters();
  private final NodeRequests requests = new NodeRequests(voters);
  private final NodeReports reports =
      new NodeReports(voters, requests, "node-a", JsonObject::new, () -> nanos);

  private AllNodes nodes(long patienceMillis) {
    reports.ask();
    voters.answer("b", "{\"name\":\"node-b\"}");
    voters.answer("c", "{\"name\":\"node-c\"}");
    var nodes =
        new AllNodes(
            "node-a", Optional.of(new AllNodes.Cluster(voters, requests, reports)), patienceMillis);
    nodes.answer("echo", asked -> Future.succeededFuture(asked.copy().put("own", true)));
    return nodes;
  }

  private static <T> T get(Future<T> answers) throws Exception {
    return answers.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private static List<String> names(Answers answers) {
    return answers.answers().stream().map(Answer::node).toList();
  }

  @Test
  void everyNodeAnswersTheQuestionThisOneFirst() throws Exception {
    Future<Answers> asked = nodes(60_000).ask("echo", QUESTION);
    assertEquals("echo {\"question\":1}", voters.texts.get("b"));
    voters.answer("c", "{\"of\":\"c\"}");
    voters.answer("b", "{\"of\":\"b\"}");
    Answers answers = get(asked);
    assertEquals(List.of("node-a", "node-b", "node-c"), names(answers));
    assertEquals(
        new JsonObject().put("question", 1).put("own", true), answers.answers().get(0).content());
    assertEquals("b", answers.answers().get(1).content().getString("of"));
    assertEquals(List.of(), answers.missing());
  }

  @Test
  void aNodeOfTheSameNameIsAnotherOne() throws Exception {
    AllNodes nodes = nodes(60_000);
    reports.ask();
    voters.answer("b", "{\"name\":\"node-a\"}");
    voters.answer("c", "{\"name\":\"node-c\"}");
    Future<Answers> asked = nodes.ask("echo", QUESTION);
    voters.fail("b");
    voters.answer("c", "{}");
    assertEquals(List.of("node-a"), get(asked).missing());
  }

  @Test
  void othersAreAnsweredAsThisNodeIs() {
    nodes(60_000);
    assertEquals(
        "{\"question\":1,\"own\":true}", voters.answerer.apply("echo {\"question\":1}").result());
  }

  @Test
  void nodesThatFailOrAnswerSomethingElseAreMissing() throws Exception {
    Future<Answers> asked = nodes(60_000).ask("echo", QUESTION);
    voters.fail("b");
    voters.answer("c", ""); // of a version that does not know the word
    Answers answers = get(asked);
    assertEquals(List.of("node-a"), names(answers));
    assertEquals(List.of("node-b", "node-c"), answers.missing());
  }

  @Test
  void nodesThatDoNotAnswerInTimeAreMissing() throws Exception {
    Answers answers = get(nodes(10).ask("echo", QUESTION));
    assertEquals(List.of("node-b", "node-c"), answers.missing());
  }

  @Test
  void nodesThatAreGoneAreMissingWithoutBeingAsked() throws Exception {
    AllNodes nodes = nodes(60_000);
    nanos += Duration.ofSeconds(10).toNanos();
    Answers answers = get(nodes.ask("echo", QUESTION));
    assertEquals(List.of("node-b", "node-c"), answers.missing());
    assertEquals(0, voters.asked("b"));
  }

  @Test
  void someNodesAreAskedAlone() throws Exception {
    Future<Answers> asked = nodes(60_000).ask("echo", QUESTION, "node-b"::equals);
    assertEquals(0, voters.asked("c"));
    voters.answer("b", "{}");
    assertEquals(List.of("node-b"), names(get(asked)));
  }

  @Test
  void oneOtherNodeIsAskedUnlessItIsGone() throws Exception {
    AllNodes nodes = nodes(60_000);
    var other = new AllNodes.Other("b", "node-b", false);
    assertEquals(List.of(other, new AllNodes.Other("c", "node-c", false)), nodes.others());
    Future<JsonObject> asked = nodes.ask(other, "echo", QUESTION);
    assertEquals(0, voters.asked("c"));
    voters.answer("b", "{\"of\":\"b\"}");
    assertEquals("b", get(asked).getString("of"));
    nanos += Duration.ofSeconds(10).toNanos();
    assertTrue(nodes.ask(nodes.others().get(0), "echo", QUESTION).failed());
    assertEquals(0, voters.asked("b"));
    assertEquals(List.of(), new AllNodes("alone", Optional.empty()).others());
  }

  @Test
  void aFailureOfThisNodesOwnAnswerIsAFailure() throws Exception {
    var alone = new AllNodes("alone", Optional.empty(), 10);
    alone.answer("bug", asked -> Future.failedFuture("bug"));
    alone.answer("silence", asked -> Promise.<JsonObject>promise().future());
    assertThrows(ExecutionException.class, () -> get(alone.ask("bug", QUESTION)));
    Future<Answers> silence = alone.ask("silence", QUESTION);
    Wait.until("it fails in time", silence::failed);
    assertTrue(silence.cause() instanceof java.util.concurrent.TimeoutException);
  }
}
