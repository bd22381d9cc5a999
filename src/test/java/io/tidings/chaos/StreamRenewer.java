package io.tidings.chaos;

import io.tidings.Pacing;
import io.tidings.chaos.StreamHistory.Outcome;
import io.tidings.chaos.StreamHistory.Renewal;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Renews the streams of a {@link RightsReader} at random nodes, one request at a time: with other
 * rights, other topics or both. Shows a ticket that was used again, at another node.
 */
final class StreamRenewer {
  private static final Duration TIMEOUT = Duration.ofSeconds(8);
  private static final int LONGEST_PAUSE_MILLIS = 7_000;
  private static final int REPLAY_ONE_OF = 3;

  private final RightsReader reader;
  private final Members members;
  private final HttpClient http;
  private final RightsHistory history;
  private final Random random;
  private final RandomRights rights;
  private final Thread thread;
  private volatile boolean closed;

  StreamRenewer(
      RightsReader reader, Members members, HttpClient http, RightsHistory history, long seed) {
    this.reader = reader;
    this.members = members;
    this.http = http;
    this.history = history;
    this.random = new Random(seed);
    this.rights = new RandomRights(random);
    this.thread = new Thread(this::run, "renewer");
    thread.start();
  }

  private void run() {
    while (!closed) {
      Pacing.pause(Duration.ofMillis(random.nextInt(LONGEST_PAUSE_MILLIS)));
      reader
          .open()
          .ifPresent(
              open -> {
                if (open.ticket().isPresent() && random.nextInt(REPLAY_ONE_OF) == 0) {
                  replay(open.ticket().get());
                }
                renew(open);
              });
    }
  }

  private void renew(RightsReader.Open open) {
    Token token = rights.token(reader.account());
    List<String> topics = rights.topics(token);
    Node node = members.any(random);
    var use = new TokenUse.Request(token, "renew", node);
    HttpRequest request =
        HttpRequest.newBuilder(node.url("streams/" + open.id()))
            .timeout(TIMEOUT)
            .header("Authorization", token.bearer())
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    new JsonObject().put("topics", new JsonArray(topics)).encode()))
            .build();
    Sent sent = Sent.send(http, request);
    sent.answer().ifPresent(answer -> reader.account().used(token, use.answered(answer, history)));
    Outcome outcome =
        sent.answer()
            .map(answer -> outcome(answer.statusCode()))
            .orElse(sent.nothingSent() ? Outcome.REFUSED : Outcome.UNKNOWN);
    if (outcome == Outcome.CONFIRMED) {
      reader.account().inForce(token);
    }
    open.history()
        .add(
            new Renewal(
                token,
                Topics.readable(topics, token.topics()),
                use.sent(),
                System.nanoTime(),
                outcome));
  }

  private static Outcome outcome(int status) {
    if (status == 200) {
      return Outcome.CONFIRMED;
    }
    return status / 100 == 4 ? Outcome.REFUSED : Outcome.UNKNOWN;
  }

  private void replay(Tickets.Shown ticket) {
    Node node = members.any(random);
    try (var stream = new EventStream()) {
      stream.open(Tickets.url(node, ticket.topics(), Optional.of(ticket)), "", "");
      if (stream.next().stream().anyMatch(event -> event.type().equals("hub.open"))) {
        history.opened(new RightsHistory.TicketUse(ticket.text(), node.number()));
      }
    } catch (IOException e) {
      // it must be refused; also a node that can't be reached opens nothing
    }
  }

  void close() throws InterruptedException {
    closed = true;
    thread.join();
  }
}
