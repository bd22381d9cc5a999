package io.tidings.chaos;

import io.tidings.chaos.VotersHistory.Ask;
import io.tidings.chaos.VotersHistory.Outcome;
import io.tidings.chaos.VotersHistory.Request;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.List;

/** An administrator who asks nodes to change the voters, and notes their answers. Thread-safe. */
final class VoterAdmin {
  /** Longer than a node takes that has no answer: then it says that the change goes on. */
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final Token token = Token.admin();
  private final HttpClient http;
  private final VotersHistory history;

  VoterAdmin(HttpClient http, VotersHistory history) {
    this.http = http;
    this.history = history;
  }

  /** Asks for a change that may be done. */
  Request ask(Node node, List<String> target) {
    return noted(ask(node, new Ask(target, true, node.number())));
  }

  /** Asks for a change that must be refused. An answer for want of a leader is not noted. */
  Request askInVain(Node node, List<String> target) {
    Request request = ask(node, new Ask(target, false, node.number()));
    return request.answer().startsWith("503") ? request : noted(request);
  }

  private Request noted(Request request) {
    history.requested(request);
    return request;
  }

  private Request ask(Node node, Ask ask) {
    long sent = System.nanoTime();
    String body = new JsonObject().put("voters", new JsonArray(ask.target())).encode();
    HttpRequest request =
        HttpRequest.newBuilder(node.url("cluster/voters"))
            .timeout(TIMEOUT)
            .header("Authorization", token.bearer())
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    Sent answer = Sent.send(http, request);
    Outcome outcome =
        answer
            .answer()
            .map(one -> outcome(one.statusCode()))
            .orElse(answer.nothingSent() ? Outcome.REFUSED : Outcome.UNKNOWN);
    return new Request(ask, sent, System.nanoTime(), outcome, answer.detail());
  }

  private static Outcome outcome(int status) {
    if (status == 200) {
      return Outcome.DONE;
    }
    return status == 503 || status / 100 == 4 ? Outcome.REFUSED : Outcome.UNKNOWN;
  }
}
