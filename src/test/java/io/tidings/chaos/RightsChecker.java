package io.tidings.chaos;

import io.tidings.chaos.RightsHistory.TicketUse;
import io.tidings.chaos.StreamHistory.InForce;
import io.tidings.chaos.StreamHistory.Item;
import io.tidings.chaos.Violation.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Judges what clients with rights saw: what each stream told and received by the tokens that it may
 * have had at that moment. {@link StreamOrderChecker} judges what is missing, and {@link
 * RevocationChecker} what was revoked.
 */
final class RightsChecker {
  /** How long a client may receive what was written before, on a machine that others use. */
  private static final Duration IN_FLIGHT = Duration.ofSeconds(2);

  /** By how much a stream may end before its token, with {@link #IN_FLIGHT}. */
  private static final Duration EARLY = Duration.ofSeconds(12);

  private final RightsHistory history;
  private final NodeClocks clocks;
  private final List<Violation> violations = new ArrayList<>();

  private RightsChecker(History history) {
    this.history = history.rights();
    this.clocks = new NodeClocks(history);
  }

  /** Returns all violations of rights. */
  static List<Violation> check(History history) {
    var checker = new RightsChecker(history);
    checker.history.readers().forEach(reader -> reader.streams().forEach(checker::checkStream));
    checker.checkTickets();
    checker.history.failures().forEach(failure -> checker.violated(Kind.FAILED, "%s", failure));
    checker.violations.addAll(new StreamOrderChecker(history).check());
    checker.violations.addAll(new RevocationChecker(history.rights(), checker.clocks).check());
    return checker.violations;
  }

  private void violated(Kind kind, String format, Object... arguments) {
    violations.add(new Violation(kind, format.formatted(arguments)));
  }

  private void checkStream(StreamHistory stream) {
    Set<String> told = Set.of();
    for (Item item : stream.items()) {
      if (item instanceof StreamHistory.Told now) {
        checkTold(stream, now);
        told = now.topics();
      } else if (item instanceof StreamHistory.Received received) {
        checkReceived(stream, received, told);
      } else if (item instanceof StreamHistory.End end && end.reason().equals("expired")) {
        checkEnd(stream, end);
      } else if (item instanceof StreamHistory.Fault fault) {
        violated(fault.kind(), "%s: %s", stream, fault.detail());
      }
      checkExpiry(stream, item);
    }
  }

  /** What the hub tells is what one of the requests that it may have served leads to. */
  private void checkTold(StreamHistory stream, StreamHistory.Told told) {
    boolean opened = !told.id().isEmpty();
    boolean right =
        opened
            ? told.topics().equals(stream.opening().topics())
            : stream.renewals().stream()
                .filter(renewal -> renewal.possible() && renewal.sent() - told.time() < 0)
                .anyMatch(renewal -> renewal.topics().equals(told.topics()));
    if (!right) {
      violated(
          Kind.NOT_ALLOWED,
          "%s was told %s: opened for %s, renewed %s",
          stream,
          told,
          stream.opening().topics(),
          stream.renewals());
    }
  }

  /** An event that was being sent when a stream was renewed is completed. */
  private void checkReceived(
      StreamHistory stream, StreamHistory.Received received, Set<String> told) {
    String topic = received.delivery().topic();
    if (!told.contains(topic)) {
      violated(Kind.NOT_ALLOWED, "%s received %s, told %s", stream, received, told);
    }
    NodeClock alive = clocks.alive(stream.opening().node());
    List<InForce> rights =
        stream.inForce(
            received.time(),
            answered -> alive.between(answered, received.begun()) > IN_FLIGHT.toNanos());
    if (rights.stream().noneMatch(right -> right.topics().contains(topic))) {
      violated(Kind.NOT_ALLOWED, "%s received %s with the rights %s", stream, received, rights);
    }
  }

  private void checkExpiry(StreamHistory stream, Item item) {
    NodeClock alive = clocks.alive(stream.opening().node());
    boolean ended =
        stream.inForce(item.time(), answered -> answered - item.time() < 0).stream()
            .allMatch(
                right -> alive.between(right.token().expires(), item.time()) > IN_FLIGHT.toNanos());
    if (ended && clockWasRight(stream, item)) {
      violated(Kind.AFTER_EXPIRY, "%s received %s", stream, item);
    }
  }

  private void checkEnd(StreamHistory stream, StreamHistory.End end) {
    boolean early =
        stream.tokens(end.time()).stream()
            .allMatch(token -> token.expires() - end.time() > EARLY.toNanos());
    if (early && clockWasRight(stream, end)) {
      violated(Kind.EXPIRED_EARLY, "%s: %s, renewed %s", stream, end, stream.renewals());
    }
  }

  private boolean clockWasRight(StreamHistory stream, Item until) {
    return history.wrongClocks().stream()
        .noneMatch(
            wrong ->
                wrong.node() == stream.opening().node()
                    && wrong.begin() - until.time() < 0
                    && wrong.end() - stream.opening().sent() > 0);
  }

  private void checkTickets() {
    var used = new HashSet<String>();
    for (TicketUse use : history.tickets()) {
      if (!used.add(use.ticket())) {
        violated(Kind.TICKET_TWICE, "at node %d: %s", use.node(), use.ticket());
      }
    }
  }
}
