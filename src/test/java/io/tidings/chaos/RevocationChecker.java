package io.tidings.chaos;

import io.tidings.chaos.RevocationHistory.Target;
import io.tidings.chaos.StreamHistory.Item;
import io.tidings.chaos.TokenUse.Outcome;
import io.tidings.chaos.Violation.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Judges what became of revoked tokens, by the answers to those who revoked and used them. What a
 * node may still accept after a revocation is measured by its own clocks ({@link NodeClocks}).
 */
final class RevocationChecker {
  /** A second at a node with a quorum, and one for a machine that others use. */
  private static final Duration EFFECTIVE = Duration.ofSeconds(2);

  /** When a node that is cut off has noticed it, as the leader; it then verifies no token. */
  private static final Duration NOTICED = Duration.ofSeconds(9);

  /** When it is isolated: it accepts no token at all, and has ended its streams. */
  private static final Duration ALONE = NOTICED.plus(Cluster.ISOLATED).plusSeconds(4);

  private final RightsHistory history;
  private final NodeClocks clocks;
  private final Map<String, List<RevocationHistory>> byTokenId = new HashMap<>();
  private final Map<String, List<RevocationHistory>> bySubject = new HashMap<>();
  private final List<Violation> violations = new ArrayList<>();

  /** When a token was first accepted at a node. */
  private final Map<String, Long> firstAccepted = new HashMap<>();

  RevocationChecker(History history, NodeClocks clocks) {
    this.history = history.rights();
    this.clocks = clocks;
    for (RevocationHistory revocation : this.history.revocations()) {
      Target target = revocation.target();
      target.id().ifPresent(id -> listed(byTokenId, id).add(revocation));
      target.subject().ifPresent(subject -> listed(bySubject, subject).add(revocation));
    }
  }

  private static List<RevocationHistory> listed(
      Map<String, List<RevocationHistory>> map, String key) {
    return map.computeIfAbsent(key, none -> new ArrayList<>());
  }

  List<Violation> check() {
    for (TokenUse use : history.uses()) {
      if (use.outcome() == Outcome.ACCEPTED) {
        firstAccepted.merge(use.token().text() + use.node(), use.sent(), Math::min);
      }
    }
    history.uses().forEach(this::checkUse);
    history.readers().forEach(reader -> reader.streams().forEach(this::checkStream));
    checkLastUses();
    return violations;
  }

  private void violated(Kind kind, String format, Object... arguments) {
    violations.add(new Violation(kind, format.formatted(arguments)));
  }

  /** All that concern a token. */
  private List<RevocationHistory> of(Token token) {
    return Stream.concat(
            byTokenId.getOrDefault(token.id(), List.of()).stream(),
            bySubject.getOrDefault(token.subject(), List.of()).stream())
        .filter(revocation -> revocation.target().concerns(token))
        .toList();
  }

  private OptionalLong done(Token token) {
    return of(token).stream()
        .map(RevocationHistory::done)
        .filter(OptionalLong::isPresent)
        .mapToLong(OptionalLong::getAsLong)
        .min();
  }

  /** Whether it may have been revoked before a time. */
  private boolean possible(Token token, long time) {
    return of(token).stream()
        .map(RevocationHistory::possible)
        .anyMatch(since -> since.isPresent() && since.getAsLong() - time < 0);
  }

  private void checkUse(TokenUse use) {
    if (use.outcome() == Outcome.REVOKED && !possible(use.token(), use.answered())) {
      violated(Kind.REVOKED_WITHOUT_REASON, "%s: %s", use, of(use.token()));
    } else if (use.outcome() == Outcome.ACCEPTED) {
      done(use.token()).ifPresent(done -> checkAccepted(use, done));
    }
  }

  private void checkAccepted(TokenUse use, long done) {
    NodeClock alive = clocks.alive(use.node());
    long connected = clocks.connected(use.node()).between(done, use.sent());
    boolean known = firstAccepted.get(use.token().text() + use.node()) - done < 0;
    long patience = known ? ALONE.toNanos() : NOTICED.toNanos();
    if (connected > EFFECTIVE.toNanos()) {
      violated(
          Kind.AFTER_REVOCATION,
          "%s, %d ms after %s, %d ms of which with a quorum",
          use,
          millis(use.sent() - done),
          of(use.token()),
          millis(connected));
    } else if (alive.between(done, use.sent()) > patience) {
      violated(
          Kind.AFTER_ISOLATION,
          "%s, a %s token, %d ms after %s",
          use,
          known ? "known" : "new",
          millis(use.sent() - done),
          of(use.token()));
    }
  }

  private static long millis(long nanos) {
    return Duration.ofNanos(nanos).toMillis();
  }

  /** A stream must end unless it may have the rights of a token that was not revoked. */
  private void checkStream(StreamHistory stream) {
    int node = stream.opening().node();
    for (Item item : stream.items()) {
      List<Token> tokens =
          stream.inForce(item.time(), answered -> answered - item.time() < 0).stream()
              .map(StreamHistory.InForce::token)
              .toList();
      if (item instanceof StreamHistory.End end && end.reason().equals("revoked")) {
        if (tokens.stream().noneMatch(token -> possible(token, end.time()))) {
          violated(
              Kind.REVOKED_WITHOUT_REASON,
              "%s: %s, renewed %s: %s",
              stream,
              end,
              stream.renewals(),
              of(tokens.get(tokens.size() - 1)));
        }
        continue;
      }
      OptionalLong done = done(tokens);
      if (done.isEmpty()) {
        continue;
      }
      long connected = clocks.connected(node).between(done.getAsLong(), item.time());
      boolean isolated =
          clocks.alive(node).between(done.getAsLong(), item.time()) > ALONE.toNanos();
      if (connected > EFFECTIVE.toNanos() || isolated) {
        violated(
            isolated ? Kind.AFTER_ISOLATION : Kind.AFTER_REVOCATION,
            "%s received %s, %d ms after the revocation of %s, %d ms of which with a quorum",
            stream,
            item,
            millis(item.time() - done.getAsLong()),
            tokens,
            millis(connected));
        return;
      }
    }
  }

  /** When the last of these tokens was revoked; empty if one was not. */
  private OptionalLong done(List<Token> tokens) {
    long last = Long.MIN_VALUE;
    for (Token token : tokens) {
      OptionalLong done = done(token);
      if (done.isEmpty()) {
        return done;
      }
      last = Math.max(last, done.getAsLong());
    }
    return OptionalLong.of(last);
  }

  /** In the end all nodes agree, and by that what was answered is true. */
  private void checkLastUses() {
    var byToken = new TreeMap<String, List<TokenUse>>();
    for (TokenUse use : history.lastUses()) {
      byToken.computeIfAbsent(use.token().id(), none -> new ArrayList<>()).add(use);
    }
    byToken.values().forEach(this::checkLast);
  }

  private void checkLast(List<TokenUse> uses) {
    Token token = uses.get(0).token();
    Set<Outcome> outcomes = new HashSet<>();
    uses.forEach(use -> outcomes.add(use.outcome()));
    if (outcomes.size() > 1) {
      violated(Kind.HALF_REVOKED, "%s: %s", uses, of(token));
    } else if (done(token).isPresent() && !outcomes.contains(Outcome.REVOKED)) {
      violated(Kind.AFTER_REVOCATION, "in the end, %s: %s", uses, of(token));
    } else if (outcomes.contains(Outcome.REVOKED) && !possible(token, uses.get(0).sent())) {
      violated(Kind.REVOKED_WITHOUT_REASON, "in the end, %s: %s", uses, of(token));
    }
  }

  /** How long after a revocation streams went on that ended with it, in nanoseconds, sorted. */
  long[] delays() {
    return history.readers().stream()
        .flatMap(reader -> reader.streams().stream())
        .flatMapToLong(
            stream ->
                stream.items().stream()
                    .filter(
                        item ->
                            item instanceof StreamHistory.End end && end.reason().equals("revoked"))
                    .flatMapToLong(
                        end -> {
                          List<Token> tokens =
                              stream.inForce(end.time(), answered -> answered < end.time()).stream()
                                  .map(StreamHistory.InForce::token)
                                  .toList();
                          return done(tokens).stream().map(done -> end.time() - done);
                        }))
        .sorted()
        .toArray();
  }
}
