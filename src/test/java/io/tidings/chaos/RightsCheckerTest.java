package io.tidings.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.chaos.RevocationHistory.Attempt;
import io.tidings.chaos.RevocationHistory.Target;
import io.tidings.chaos.RightsHistory.Answered;
import io.tidings.chaos.RightsHistory.TicketUse;
import io.tidings.chaos.StreamHistory.Opening;
import io.tidings.chaos.StreamHistory.Renewal;
import io.tidings.chaos.Violation.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Right and wrong histories of rights. Times are in milliseconds; node 1 is asked every 10 ms, and
 * stores an event then as long as it is {@link #connectedUntil}.
 */
class RightsCheckerTest {
  private static final String A = "chaos.a";
  private static final String B = "chaos.b";
  private static final Delivery FIRST = new Delivery("first", A, "00000001~1");
  private static final Delivery SECOND = new Delivery("second", B, "00000001~2");
  private static final Delivery THIRD = new Delivery("third", A, "00000001~3");
  private static final String BEGIN = "00000001~0";
  private static final int END = 60_000;

  private final History history = new History();
  private final RightsHistory rights = history.rights();
  private final RightsHistory.ReaderStreams reader = rights.reader("reader");

  @BeforeEach
  void begin() {
    history.replayed(1, List.of(FIRST, SECOND, THIRD));
  }

  private void connectedUntil(int end) {
    for (int time = 0; time < END; time += 10) {
      rights.pulse(1, new Answered(at(time), at(time + 1)));
      if (time < end) {
        Publication stored = new Publication("", List.of());
        stored.answered(
            new Answer(Answer.Outcome.ACKNOWLEDGED, List.of(), at(time), at(time + 1), 1, ""));
        history.add(stored);
      }
    }
  }

  private static long at(int millis) {
    return Duration.ofMillis(millis).toNanos();
  }

  private static Token token(String id, String... topics) {
    return expiring(id, END * 2, topics);
  }

  private static Token expiring(String id, int end, String... topics) {
    return new Token(id, "alice", id, Optional.empty(), at(end), Set.of(topics));
  }

  /** A stream that is opened at 0, and receives from then on. */
  private StreamHistory stream(Token token, String... topics) {
    var stream = new StreamHistory(new Opening(1, token, Set.of(topics), at(0)));
    stream.add(new StreamHistory.Told(at(1), BEGIN, Set.of(topics)));
    reader.streams().add(stream);
    return stream;
  }

  private static void receives(StreamHistory stream, int time, Delivery delivery) {
    stream.add(new StreamHistory.Received(at(time), delivery));
  }

  private static void told(StreamHistory stream, int time, String... topics) {
    stream.add(new StreamHistory.Told(at(time), "", Set.of(topics)));
  }

  private static void renewed(
      StreamHistory stream, int time, StreamHistory.Outcome outcome, Token token) {
    stream.add(new Renewal(token, token.topics(), at(time), at(time + 10), outcome));
  }

  private void revoked(int time, RevocationHistory.Outcome outcome, String id) {
    Target target = new Target(Optional.of(id), Optional.empty(), Optional.empty());
    rights
        .revocation(target)
        .answered(new Attempt(1, at(time - 10), at(time), outcome, "in the test"));
  }

  private static TokenUse use(int time, Token token, TokenUse.Outcome outcome) {
    return new TokenUse(token, "publish", 1, at(time), at(time + 1), outcome);
  }

  private Set<Kind> kinds() {
    var kinds = EnumSet.noneOf(Kind.class);
    RightsChecker.check(history).forEach(violation -> kinds.add(violation.kind()));
    return kinds;
  }

  @Test
  void aStreamThatReceivesWhatItIsAllowedHasNoViolations() {
    connectedUntil(END);
    StreamHistory stream = stream(token("1", A), A);
    receives(stream, 10, FIRST);
    receives(stream, 20, THIRD);
    assertEquals(Set.of(), kinds());
  }

  @Test
  void anEventOfATopicThatWasNotAskedForIsReported() {
    connectedUntil(END);
    StreamHistory stream = stream(token("1", A), A);
    Stream.of(FIRST, SECOND, THIRD).forEach(entry -> receives(stream, 10, entry));
    assertEquals(Set.of(Kind.NOT_ALLOWED), kinds());
  }

  @Test
  void aStreamThatIsToldMoreThanItWasGrantedIsReported() {
    connectedUntil(END);
    StreamHistory stream = stream(token("1", A), A);
    told(stream, 5, A, B);
    Stream.of(FIRST, SECOND, THIRD).forEach(entry -> receives(stream, 10, entry));
    assertEquals(Set.of(Kind.NOT_ALLOWED), kinds());
  }

  @Test
  void aRenewalChangesTheTopicsFromThePlaceWhereTheStreamIs() {
    connectedUntil(END);
    StreamHistory stream = stream(token("1", A), A);
    receives(stream, 10, FIRST);
    renewed(stream, 20, StreamHistory.Outcome.CONFIRMED, token("2", A, B));
    told(stream, 25, A, B);
    receives(stream, 30, SECOND);
    receives(stream, 40, THIRD);
    assertEquals(Set.of(), kinds());
  }

  @Test
  void anEventThatIsMissingAfterAStreamHasGainedItsTopicIsReported() {
    connectedUntil(END);
    StreamHistory stream = stream(token("1", A), A);
    renewed(stream, 5, StreamHistory.Outcome.CONFIRMED, token("2", A, B));
    told(stream, 6, A, B);
    receives(stream, 10, FIRST);
    receives(stream, 40, THIRD);
    assertEquals(Set.of(Kind.MISSED), kinds());
  }

  @Test
  void whereTheTopicsChangeBetweenTwoIdsEventsOfBothSetsAloneAreExpected() {
    connectedUntil(END);
    StreamHistory stream = stream(token("1", A), A);
    receives(stream, 10, FIRST);
    renewed(stream, 20, StreamHistory.Outcome.CONFIRMED, token("2", A, B));
    told(stream, 25, A, B);
    receives(stream, 40, THIRD); // it may have been past the second
    assertEquals(Set.of(), kinds());
  }

  @Test
  void anEventOfATopicThatWasKeptIsMissedWhereTheTopicsChange() {
    connectedUntil(END);
    StreamHistory stream = stream(token("1", B), B);
    renewed(stream, 20, StreamHistory.Outcome.CONFIRMED, token("2", A, B));
    told(stream, 25, A, B);
    receives(stream, 40, THIRD);
    assertEquals(Set.of(Kind.MISSED), kinds());
  }

  @Test
  void anEventThatIsReceivedAgainAfterARenewalIsReported() {
    connectedUntil(END);
    StreamHistory stream = stream(token("1", A), A);
    receives(stream, 10, FIRST);
    renewed(stream, 20, StreamHistory.Outcome.CONFIRMED, token("2", A));
    receives(stream, 30, FIRST);
    receives(stream, 40, THIRD);
    assertEquals(Set.of(Kind.TWICE), kinds());
  }

  @Test
  void anEventThatIsReceivedInAnotherOrderIsReported() {
    connectedUntil(END);
    StreamHistory stream = stream(token("1", A), A);
    receives(stream, 10, THIRD);
    receives(stream, 20, FIRST);
    assertEquals(Set.of(Kind.MISSED, Kind.REORDERED), kinds());
  }

  @Test
  void anEventThatIsMissingBetweenTwoStreamsIsReported() {
    connectedUntil(END);
    receives(stream(token("1", A, B), A, B), 10, FIRST);
    var second = new StreamHistory(new Opening(1, token("2", A, B), Set.of(A, B), at(20)));
    second.add(new StreamHistory.Told(at(21), FIRST.id(), Set.of(A, B)));
    receives(second, 30, THIRD);
    reader.streams().add(second);
    assertEquals(Set.of(Kind.MISSED), kinds());
  }

  @Test
  void aStreamThatBeginsAfterTheLastIdOfTheOneBeforeMissesWhatIsBetween() {
    connectedUntil(END);
    receives(stream(token("1", A, B), A, B), 10, FIRST);
    var second = new StreamHistory(new Opening(1, token("2", A, B), Set.of(A, B), at(20)));
    second.add(new StreamHistory.Told(at(21), SECOND.id(), Set.of(A, B)));
    receives(second, 30, THIRD);
    reader.streams().add(second);
    assertEquals(Set.of(Kind.MISSED), kinds());
  }

  @Test
  void aStreamThatKeepsTopicsLongAfterItsRenewalHasTakenThemIsReported() {
    connectedUntil(END);
    StreamHistory stream = stream(token("1", A), A);
    receives(stream, 10, FIRST);
    renewed(stream, 20, StreamHistory.Outcome.CONFIRMED, token("2", B));
    receives(stream, 5_000, THIRD);
    assertEquals(Set.of(Kind.NOT_ALLOWED), kinds());
  }

  @Test
  void aRenewalWhoseOutcomeIsUnknownAllowsBoth() {
    connectedUntil(END);
    StreamHistory stream = stream(token("1", A), A);
    receives(stream, 10, FIRST);
    renewed(stream, 20, StreamHistory.Outcome.UNKNOWN, token("2", B));
    receives(stream, 5_000, THIRD);
    assertEquals(Set.of(), kinds());
  }

  @Test
  void aRenewalThatWasRefusedChangesNothing() {
    connectedUntil(END);
    StreamHistory stream = stream(token("1", A), A);
    receives(stream, 10, FIRST);
    renewed(stream, 20, StreamHistory.Outcome.REFUSED, token("2", A, B));
    told(stream, 25, A, B);
    receives(stream, 40, THIRD);
    assertEquals(Set.of(Kind.NOT_ALLOWED), kinds());
  }

  @Test
  void aStreamThatGoesOnAfterItsTokenIsReported() {
    connectedUntil(END);
    StreamHistory stream = stream(expiring("1", 1_000, A), A);
    receives(stream, 10, FIRST);
    receives(stream, 5_000, THIRD);
    assertEquals(Set.of(Kind.AFTER_EXPIRY), kinds());
  }

  @Test
  void aStreamThatGoesOnWhileTheClockOfItsNodeIsWrongIsNotReported() {
    connectedUntil(END);
    rights.wrongClock(new RightsHistory.WrongClock(1, at(500), at(5_500)));
    StreamHistory stream = stream(expiring("1", 1_000, A), A);
    receives(stream, 10, FIRST);
    receives(stream, 5_000, THIRD);
    assertEquals(Set.of(), kinds());
  }

  @Test
  void aStreamThatEndsLongBeforeItsTokenIsReported() {
    connectedUntil(END);
    StreamHistory stream = stream(token("1", A), A);
    Stream.of(FIRST, THIRD).forEach(entry -> receives(stream, 10, entry));
    stream.add(new StreamHistory.End(at(20), THIRD.id(), "expired"));
    assertEquals(Set.of(Kind.EXPIRED_EARLY), kinds());
  }

  @Test
  void aTicketThatOpensTwoStreamsIsReported() {
    connectedUntil(END);
    StreamHistory stream = stream(token("1", A), A);
    Stream.of(FIRST, THIRD).forEach(entry -> receives(stream, 10, entry));
    rights.opened(new TicketUse("ticket", 1));
    rights.opened(new TicketUse("ticket", 2));
    assertEquals(Set.of(Kind.TICKET_TWICE), kinds());
  }

  @Test
  void aStreamThatGoesOnAfterARevocationIsReported() {
    connectedUntil(END);
    StreamHistory stream = stream(token("1", A), A);
    receives(stream, 10, FIRST);
    revoked(100, RevocationHistory.Outcome.DONE, "1");
    receives(stream, 5_000, THIRD);
    assertEquals(Set.of(Kind.AFTER_REVOCATION), kinds());
  }

  @Test
  void aStreamThatWasRenewedByATokenThatIsNotRevokedMayGoOn() {
    connectedUntil(END);
    StreamHistory stream = stream(token("1", A), A);
    receives(stream, 10, FIRST);
    renewed(stream, 20, StreamHistory.Outcome.CONFIRMED, token("2", A));
    revoked(100, RevocationHistory.Outcome.DONE, "1");
    receives(stream, 5_000, THIRD);
    assertEquals(Set.of(), kinds());
  }

  @Test
  void aNodeWithoutAQuorumMayServeAStreamUntilItIsIsolated() {
    connectedUntil(100);
    StreamHistory stream = stream(token("1", A), A);
    receives(stream, 10, FIRST);
    revoked(200, RevocationHistory.Outcome.DONE, "1");
    receives(stream, 10_000, THIRD);
    assertEquals(Set.of(), kinds());
  }

  @Test
  void aNodeThatServesAStreamWhenItIsIsolatedIsReported() {
    connectedUntil(100);
    StreamHistory stream = stream(token("1", A), A);
    receives(stream, 10, FIRST);
    revoked(200, RevocationHistory.Outcome.DONE, "1");
    receives(stream, 30_000, THIRD);
    assertEquals(Set.of(Kind.AFTER_ISOLATION), kinds());
  }

  private void completeStream() {
    StreamHistory stream = stream(token("of the stream", A), A);
    Stream.of(FIRST, THIRD).forEach(entry -> receives(stream, 10, entry));
  }

  @Test
  void aTokenThatIsAcceptedAfterItsRevocationIsReported() {
    connectedUntil(END);
    completeStream();
    revoked(100, RevocationHistory.Outcome.DONE, "1");
    rights.used(use(5_000, token("1", A), TokenUse.Outcome.ACCEPTED));
    assertEquals(Set.of(Kind.AFTER_REVOCATION), kinds());
  }

  @Test
  void aTokenThatIsNewToANodeThatIsCutOffMustNotBeAccepted() {
    connectedUntil(100);
    completeStream();
    revoked(200, RevocationHistory.Outcome.DONE, "1");
    rights.used(use(12_000, token("1", A), TokenUse.Outcome.ACCEPTED));
    assertEquals(Set.of(Kind.AFTER_ISOLATION), kinds());
  }

  @Test
  void aTokenThatANodeKnowsMayBeAcceptedUntilTheNodeIsIsolated() {
    connectedUntil(100);
    completeStream();
    rights.used(use(50, token("1", A), TokenUse.Outcome.ACCEPTED));
    revoked(200, RevocationHistory.Outcome.DONE, "1");
    rights.used(use(12_000, token("1", A), TokenUse.Outcome.ACCEPTED));
    assertEquals(Set.of(), kinds());
    rights.used(use(30_000, token("1", A), TokenUse.Outcome.ACCEPTED));
    assertEquals(Set.of(Kind.AFTER_ISOLATION), kinds());
  }

  @Test
  void aTokenThatIsRefusedThoughNobodyRevokedItIsReported() {
    connectedUntil(END);
    completeStream();
    rights.used(use(5_000, token("1", A), TokenUse.Outcome.REVOKED));
    assertEquals(Set.of(Kind.REVOKED_WITHOUT_REASON), kinds());
  }

  @Test
  void aRevocationThatWasRefusedAndIsInForceIsReported() {
    connectedUntil(END);
    completeStream();
    revoked(100, RevocationHistory.Outcome.REFUSED, "1");
    rights.usedLast(use(5_000, token("1", A), TokenUse.Outcome.REVOKED));
    assertEquals(Set.of(Kind.REVOKED_WITHOUT_REASON), kinds());
  }

  @Test
  void aRevocationThatIsForgottenIsReported() {
    connectedUntil(END);
    completeStream();
    revoked(100, RevocationHistory.Outcome.DONE, "1");
    rights.usedLast(use(50_000, token("1", A), TokenUse.Outcome.ACCEPTED));
    assertEquals(Set.of(Kind.AFTER_REVOCATION), kinds());
  }

  @Test
  void aRevocationWhoseOutcomeIsUnknownIsInForceOrNot() {
    connectedUntil(END);
    completeStream();
    revoked(100, RevocationHistory.Outcome.UNKNOWN, "1");
    revoked(100, RevocationHistory.Outcome.UNKNOWN, "2");
    rights.usedLast(use(5_000, token("1", A), TokenUse.Outcome.ACCEPTED));
    rights.usedLast(use(5_000, token("2", A), TokenUse.Outcome.REVOKED));
    assertEquals(Set.of(), kinds());
  }

  @Test
  void aRevocationThatIsInForceAtSomeNodesOnlyIsReported() {
    connectedUntil(END);
    completeStream();
    revoked(100, RevocationHistory.Outcome.UNKNOWN, "1");
    rights.usedLast(use(5_000, token("1", A), TokenUse.Outcome.ACCEPTED));
    rights.usedLast(use(5_000, token("1", A), TokenUse.Outcome.REVOKED));
    assertEquals(Set.of(Kind.HALF_REVOKED), kinds());
  }

  @Test
  void aStreamThatEndsAsRevokedThoughItHasTheRightsOfAnotherTokenIsReported() {
    connectedUntil(END);
    StreamHistory stream = stream(token("1", A), A);
    Stream.of(FIRST, THIRD).forEach(entry -> receives(stream, 10, entry));
    renewed(stream, 20, StreamHistory.Outcome.CONFIRMED, token("2", A));
    revoked(100, RevocationHistory.Outcome.DONE, "1");
    stream.add(new StreamHistory.End(at(150), THIRD.id(), "revoked"));
    assertEquals(Set.of(Kind.REVOKED_WITHOUT_REASON), kinds());
  }

  @Test
  void tokensThatWereIssuedLaterAreNotConcerned() {
    Instant time = Instant.ofEpochSecond(1_000);
    var target = new Target(Optional.empty(), Optional.of("alice"), Optional.of(time));
    assertEquals(
        List.of(true, true, false),
        Stream.of(Optional.<Instant>empty(), Optional.of(time.minusMillis(1)), Optional.of(time))
            .map(issued -> new Token("", "alice", "1", issued, 0, Set.of()))
            .map(target::concerns)
            .toList());
  }
}
