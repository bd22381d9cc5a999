package io.tidings.chaos;

import io.tidings.chaos.StreamHistory.Item;
import io.tidings.chaos.TokenUse.Outcome;
import io.tidings.chaos.Violation.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/**
 * Judges what became of revoked tokens, by the answers to those who revoked and used them. What a
 * node may still accept after a revocation is measured by its own clocks ({@link NodeClocks}).
 */
final class RevocationChecker {
  /** A second at a node with a quorum, and one for a machine that others use. */
  private static final Duration EFFECTIVE = Duration.ofSeconds(2);

  /** When a node that is cut off has noticed it, also as the leader; it then verifies no token. */
  private static final Duration NOTICED = Duration.ofSeconds(9);

  /** When it is isolated: it accepts no token at all, and has ended its streams. */
  private static final Duration ALONE = NOTICED.plus(Cluster.ISOLATED).plusSeconds(4);

  /** Until the tokens end. */
  private static final Duration FOR_GOOD = Token.LONG;

  private final RightsHistory history;
  private final NodeClocks clocks;
  private final RevokedTokens revoked;
  private final List<Violation> violations = new ArrayList<>();

  /** When a token was first accepted at a node; the key has both. */
  private final Map<String, Long> firstAccepted = new HashMap<>();

  RevocationChecker(RightsHistory history, NodeClocks clocks) {
    this.history = history;
    this.clocks = clocks;
    this.revoked = new RevokedTokens(history.revocations());
  }

  List<Violation> check() {
    for (TokenUse use : history.uses()) {
      if (use.outcome() == Outcome.ACCEPTED) {
        firstAccepted.merge(key(use), use.sent(), Math::min);
      }
    }
    history.uses().forEach(this::checkUse);
    history.readers().forEach(reader -> reader.streams().forEach(this::checkStream));
    checkLastUses();
    return violations;
  }

  private static String key(TokenUse use) {
    return use.node() + " " + use.token().text();
  }

  private void violated(Kind kind, String format, Object... arguments) {
    violations.add(new Violation(kind, format.formatted(arguments)));
  }

  private void checkUse(TokenUse use) {
    if (use.outcome() == Outcome.REVOKED && !revoked.possible(use.token(), use.answered())) {
      violated(Kind.REVOKED_WITHOUT_REASON, "%s: %s", use, revoked.of(use.token()));
    } else if (use.outcome() == Outcome.ACCEPTED) {
      revoked.done(use.token()).ifPresent(done -> checkAccepted(use, done));
    }
  }

  private void checkAccepted(TokenUse use, long done) {
    boolean known = firstAccepted.get(key(use)) - done < 0;
    Duration patience = known ? whenAlone() : NOTICED;
    late(use.node(), done, use.sent(), patience)
        .ifPresent(
            kind ->
                violated(
                    kind,
                    "%s, %s to the node, %d ms after it was revoked: %s",
                    use,
                    known ? "known" : "new",
                    Duration.ofNanos(use.sent() - done).toMillis(),
                    revoked.of(use.token())));
  }

  /** For how long a node that is cut off may serve what it knows. */
  private Duration whenAlone() {
    return history.isolatedAcceptsKnown() ? FOR_GOOD : ALONE;
  }

  /** What is violated if a node accepts at that time what was revoked before. */
  private Optional<Kind> late(int node, long done, long time, Duration patience) {
    if (clocks.connected(node).between(done, time) > EFFECTIVE.toNanos()) {
      return Optional.of(Kind.AFTER_REVOCATION);
    } else if (clocks.alive(node).between(done, time) > patience.toNanos()) {
      return Optional.of(Kind.AFTER_ISOLATION);
    }
    return Optional.empty();
  }

  /** A stream must end unless it may have the rights of a token that was not revoked. */
  private void checkStream(StreamHistory stream) {
    for (Item item : stream.items()) {
      List<Token> tokens = stream.tokens(item.time());
      if (item instanceof StreamHistory.End end && end.reason().equals("revoked")) {
        checkEnd(stream, end, tokens);
      } else if (isLate(stream, item, tokens)) {
        return;
      }
    }
  }

  private void checkEnd(StreamHistory stream, StreamHistory.End end, List<Token> tokens) {
    if (tokens.stream().noneMatch(token -> revoked.possible(token, end.time()))) {
      violated(
          Kind.REVOKED_WITHOUT_REASON,
          "%s: %s with %s, renewed %s",
          stream,
          end,
          tokens,
          stream.renewals());
    }
  }

  private boolean isLate(StreamHistory stream, Item item, List<Token> tokens) {
    OptionalLong done = revoked.done(tokens);
    if (done.isEmpty()) {
      return false;
    }
    var kind = late(stream.opening().node(), done.getAsLong(), item.time(), whenAlone());
    kind.ifPresent(
        one ->
            violated(
                one,
                "%s received %s, %d ms after the revocation of %s",
                stream,
                item,
                Duration.ofNanos(item.time() - done.getAsLong()).toMillis(),
                tokens));
    return kind.isPresent();
  }

  /** In the end all nodes agree, and by that what was answered is true. */
  private void checkLastUses() {
    var byToken = new TreeMap<String, List<TokenUse>>();
    for (TokenUse use : history.lastUses()) {
      byToken.computeIfAbsent(use.token().text(), none -> new ArrayList<>()).add(use);
    }
    byToken.values().forEach(this::checkLast);
  }

  private void checkLast(List<TokenUse> uses) {
    Token token = uses.get(0).token();
    Set<Outcome> outcomes = new HashSet<>();
    uses.forEach(use -> outcomes.add(use.outcome()));
    if (outcomes.size() > 1) {
      violated(Kind.HALF_REVOKED, "%s: %s", uses, revoked.of(token));
    } else if (revoked.done(token).isPresent() && !outcomes.contains(Outcome.REVOKED)) {
      violated(Kind.AFTER_REVOCATION, "in the end, %s: %s", uses, revoked.of(token));
    } else if (outcomes.contains(Outcome.REVOKED) && !revoked.possible(token, uses.get(0).sent())) {
      violated(Kind.REVOKED_WITHOUT_REASON, "in the end, %s: %s", uses, revoked.of(token));
    }
  }
}
