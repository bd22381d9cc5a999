package io.tidings.chaos;

import io.tidings.chaos.RevocationHistory.Attempt;
import io.tidings.chaos.RevocationHistory.Target;
import io.tidings.chaos.RightsHistory.Answered;
import io.tidings.chaos.StreamHistory.Opening;
import io.tidings.chaos.StreamHistory.Renewal;
import io.tidings.chaos.Violation.Kind;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A history of rights that tests make: one reader, and three events. Times are in milliseconds;
 * node 1 is asked every 10 ms, and for some time it stores an event then.
 */
final class MadeHistory {
  static final String A = "chaos.a";
  static final String B = "chaos.b";
  static final Delivery FIRST = new Delivery("first", A, "00000001~1");
  static final Delivery SECOND = new Delivery("second", B, "00000001~2");
  static final Delivery THIRD = new Delivery("third", A, "00000001~3");

  /** When the history ends. */
  static final int END = 60_000;

  private static final String BEGIN = "00000001~0";

  private final History history = new History();
  private final RightsHistory.ReaderStreams reader = history.rights().reader("reader");

  /**
   * @param end until when the node stores events
   */
  static MadeHistory connectedUntil(int end) {
    var made = new MadeHistory();
    made.history.replayed(1, List.of(FIRST, SECOND, THIRD));
    for (int time = 0; time < END; time += 10) {
      made.rights().pulse(1, new Answered(at(time), at(time + 1)));
      if (time < end) {
        Publication stored = new Publication("", List.of());
        stored.answered(
            new Answer(Answer.Outcome.ACKNOWLEDGED, List.of(), at(time), at(time + 1), 1, ""));
        made.history.add(stored);
      }
    }
    return made;
  }

  static long at(int millis) {
    return Duration.ofMillis(millis).toNanos();
  }

  RightsHistory rights() {
    return history.rights();
  }

  static Token token(String id, String... topics) {
    return expiring(id, END * 2, topics);
  }

  static Token expiring(String id, int end, String... topics) {
    return new Token(id, "alice", id, Optional.empty(), at(end), Set.of(topics));
  }

  /** A stream that is opened at 0, and receives from then on. */
  Made stream(Token token, String... topics) {
    return stream(0, BEGIN, token, topics);
  }

  /** A stream that is opened later, and begins after that id. */
  Made stream(int time, String id, Token token, String... topics) {
    var stream = new StreamHistory(new Opening(1, token, Set.of(topics), at(time)));
    stream.add(new StreamHistory.Told(at(time + 1), id, Set.of(topics)));
    reader.streams().add(stream);
    return new Made(stream);
  }

  /** One stream. */
  record Made(StreamHistory stream) {
    Made receives(int time, Delivery... deliveries) {
      Stream.of(deliveries).forEach(delivery -> receives(time, time, delivery));
      return this;
    }

    /** An event that is received in parts. */
    void receives(int begun, int time, Delivery delivery) {
      stream.add(new StreamHistory.Received(at(time), at(begun), delivery));
    }

    Made isTold(int time, String... topics) {
      stream.add(new StreamHistory.Told(at(time), "", Set.of(topics)));
      return this;
    }

    /** A renewal for all topics of the token. */
    Made renewed(int time, StreamHistory.Outcome outcome, Token token) {
      stream.add(new Renewal(token, token.topics(), at(time), at(time + 10), outcome));
      return this;
    }

    void ends(int time, String reason) {
      stream.add(new StreamHistory.End(at(time), "", reason));
    }
  }

  void revoked(int time, RevocationHistory.Outcome outcome, String id) {
    Target target = new Target(Optional.of(id), Optional.empty(), Optional.empty());
    rights()
        .revocation(target)
        .answered(new Attempt(1, at(time - 10), at(time), outcome, "in the test"));
  }

  static TokenUse use(int time, String id, TokenUse.Outcome outcome) {
    return new TokenUse(token(id, A), "publish", 1, at(time), at(time + 1), outcome);
  }

  /** The kinds of all violations. */
  Set<Kind> kinds() {
    var kinds = EnumSet.noneOf(Kind.class);
    RightsChecker.check(history).forEach(violation -> kinds.add(violation.kind()));
    return kinds;
  }
}
