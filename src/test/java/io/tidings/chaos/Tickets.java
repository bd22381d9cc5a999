package io.tidings.chaos;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Gets tickets for tokens. */
final class Tickets {
  /**
   * A ticket, with the topics that it is for.
   *
   * @param text as in the URL
   */
  record Shown(String text, List<String> topics) {}

  private static final Duration TIMEOUT = Duration.ofSeconds(6);

  private final HttpClient http;
  private final RightsHistory history;

  Tickets(HttpClient http, RightsHistory history) {
    this.http = http;
    this.history = history;
  }

  /**
   * Gets one.
   *
   * @throws IOException if the node issues none
   */
  Shown get(Node node, Account account, Token token, List<String> topics) throws IOException {
    String body = new JsonObject().put("topics", new JsonArray(topics)).encode();
    HttpRequest request =
        HttpRequest.newBuilder(node.url("tickets"))
            .timeout(TIMEOUT)
            .header("Authorization", token.bearer())
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    var use = new TokenUse.Request(token, "ticket", node);
    try {
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      account.used(token, use.answered(answer, history));
      if (answer.statusCode() != 201) {
        throw new IOException(answer.statusCode() + " " + answer.body());
      }
      return new Shown(new JsonObject(answer.body()).getString("ticket"), topics);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  /** The URL of a stream, with the ticket if there is one. */
  static URI url(Node node, List<String> topics, Optional<Shown> ticket) {
    String query = "topic=" + String.join("&topic=", topics);
    return node.url("events?" + query + ticket.map(shown -> "&ticket=" + shown.text()).orElse(""));
  }
}
