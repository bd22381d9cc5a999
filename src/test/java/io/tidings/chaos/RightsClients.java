package io.tidings.chaos;

import io.tidings.Wait;
import io.tidings.chaos.RevocationHistory.Target;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** The clients of a run whose rights change. */
final class RightsClients {
  private static final int READERS = 6;

  /** The most revocations that are looked at when everything has ended. */
  private static final int MOST_PROBED = 1_000;

  private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(10);

  private final Members members;
  private final HttpClient http;
  private final RightsHistory history;
  private final List<RightsReader> readers = new ArrayList<>();
  private final List<StreamRenewer> renewers = new ArrayList<>();
  private final List<Pulse> pulses = new ArrayList<>();
  private final Revoker revoker;

  /** Starts them. */
  RightsClients(String last, Cluster cluster, HttpClient http, History history, long seed) {
    this.members = cluster.members();
    this.http = http;
    this.history = history.rights();
    var random = new Random(seed);
    for (Node node : cluster.nodes()) {
      pulses.add(new Pulse(node, http, this.history));
    }
    for (int i = 0; i < READERS; i++) {
      var reader = new RightsReader(last, members, http, history, random.nextLong());
      readers.add(reader);
      renewers.add(new StreamRenewer(reader, members, http, this.history, random.nextLong()));
    }
    revoker = new Revoker(members, http, this.history, random.nextLong());
  }

  /** Ends revocations and renewals; streams go on. */
  void stopChanges() throws InterruptedException {
    revoker.close();
    for (StreamRenewer renewer : renewers) {
      renewer.close();
    }
  }

  /**
   * Waits until all readers have received the last event of the run.
   *
   * @throws AssertionError if they are not in time
   */
  void awaitLast(Duration most) {
    for (RightsReader reader : readers) {
      Wait.until(most, () -> "a reader with rights has received the last event", reader::complete);
    }
  }

  void close() throws IOException, InterruptedException {
    for (RightsReader reader : readers) {
      reader.close();
    }
    for (Pulse pulse : pulses) {
      pulse.close();
    }
  }

  /** Shows each node a token that each revocation concerns; first those that were not answered. */
  void probe() throws IOException {
    List<RevocationHistory> all =
        history.revocations().stream()
            .sorted(Comparator.comparing(one -> one.done().isPresent()))
            .limit(MOST_PROBED)
            .toList();
    for (int i = 0; i < all.size(); i++) {
      Token token = concerned(all.get(i).target(), i);
      for (Node node : members.all()) {
        history.usedLast(use(token, node));
      }
    }
  }

  private static Token concerned(Target target, int number) {
    String id = target.id().orElse("probe." + number);
    String subject = target.subject().orElse("probe-" + number);
    Optional<Instant> issued = target.before().map(before -> before.minusSeconds(1));
    return Token.create(subject, id, issued, Token.LONG, Set.copyOf(Topics.CLOSED));
  }

  private TokenUse use(Token token, Node node) throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(node.url("session"))
            .timeout(PROBE_TIMEOUT)
            .header("Authorization", token.bearer())
            .build();
    long sent = System.nanoTime();
    try {
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      String challenge = answer.headers().firstValue("WWW-Authenticate").orElse("");
      TokenUse.Outcome outcome = TokenUse.outcomeOf(answer.statusCode(), challenge);
      return new TokenUse(token, "session", node.number(), sent, System.nanoTime(), outcome);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
