package io.tidings.chaos;

import io.tidings.Pacing;
import io.tidings.chaos.RevocationHistory.Attempt;
import io.tidings.chaos.RevocationHistory.Outcome;
import io.tidings.chaos.RevocationHistory.Target;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * An administrator who revokes tokens of random clients at random nodes, also at those that reach
 * no other. What is not done he sometimes asks for again, at other nodes.
 */
final class Revoker {
  private static final Duration TIMEOUT = Duration.ofSeconds(8);
  private static final int LONGEST_PAUSE_MILLIS = 800;
  private static final int PUBLISHER_ONE_OF = 4;
  private static final Duration RETRY_DELAY = Duration.ofMillis(200);
  private static final int SUBJECT_ONE_OF = 5;
  private static final int MOST_ATTEMPTS = 4;

  private final Token admin = Token.admin();
  private final Members members;
  private final HttpClient http;
  private final RightsHistory history;
  private final Random random;
  private final Thread thread;
  private volatile boolean closed;

  Revoker(Members members, HttpClient http, RightsHistory history, long seed) {
    this.members = members;
    this.http = http;
    this.history = history;
    this.random = new Random(seed);
    this.thread = new Thread(this::run, "revoker");
    thread.start();
  }

  private void run() {
    while (!closed) {
      Pacing.pause(Duration.ofMillis(random.nextInt(LONGEST_PAUSE_MILLIS)));
      boolean reader = random.nextInt(PUBLISHER_ONE_OF) > 0;
      List<Account> accounts =
          history.accounts().stream().filter(account -> account.reads() == reader).toList();
      Account victim = accounts.get(random.nextInt(accounts.size()));
      victim.inForce().ifPresent(token -> revoke(history.revocation(target(victim, token))));
    }
  }

  private Target target(Account victim, Token token) {
    if (!victim.oneSubject() && random.nextInt(SUBJECT_ONE_OF) == 0) {
      return new Target(Optional.empty(), Optional.of(token.subject()), Optional.empty());
    } else if (victim.dated() && random.nextBoolean()) {
      Instant now = Instant.ofEpochMilli(System.currentTimeMillis());
      return new Target(Optional.empty(), Optional.of(token.subject()), Optional.of(now));
    }
    return new Target(Optional.of(token.id()), Optional.empty(), Optional.empty());
  }

  private void revoke(RevocationHistory revocation) {
    for (int i = 0; i < MOST_ATTEMPTS; i++) {
      Attempt attempt = ask(members.any(random), revocation.target());
      revocation.answered(attempt);
      if (attempt.outcome() == Outcome.DONE || random.nextBoolean()) {
        return;
      }
      Pacing.pause(RETRY_DELAY);
    }
  }

  private Attempt ask(Node node, Target target) {
    long sent = System.nanoTime();
    HttpRequest request =
        HttpRequest.newBuilder(node.url("revocations"))
            .timeout(TIMEOUT)
            .header("Authorization", admin.bearer())
            .POST(HttpRequest.BodyPublishers.ofString(target.json()))
            .build();
    Sent answer = Sent.send(http, request);
    answer
        .answer()
        .filter(one -> one.statusCode() == 500)
        .ifPresent(
            one -> history.failed("revocation at node " + node.number() + ": " + one.body()));
    Outcome outcome =
        answer
            .answer()
            .map(one -> outcome(one.statusCode()))
            .orElse(answer.nothingSent() ? Outcome.REFUSED : Outcome.UNKNOWN);
    return new Attempt(node.number(), sent, System.nanoTime(), outcome, answer.detail());
  }

  private static Outcome outcome(int status) {
    return switch (status) {
      case 201 -> Outcome.DONE;
      case 401, 503 -> Outcome.REFUSED;
      default -> Outcome.UNKNOWN;
    };
  }

  void close() throws InterruptedException {
    closed = true;
    thread.join();
  }
}
