package io.tidings.chaos;

import static io.tidings.chaos.MadeHistory.A;
import static io.tidings.chaos.MadeHistory.B;
import static io.tidings.chaos.MadeHistory.END;
import static io.tidings.chaos.MadeHistory.FIRST;
import static io.tidings.chaos.MadeHistory.SECOND;
import static io.tidings.chaos.MadeHistory.THIRD;
import static io.tidings.chaos.MadeHistory.at;
import static io.tidings.chaos.MadeHistory.expiring;
import static io.tidings.chaos.MadeHistory.token;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.chaos.RightsHistory.TicketUse;
import io.tidings.chaos.Violation.Kind;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Right and wrong histories of streams whose rights change. */
class RightsCheckerTest {
  @Test
  void aStreamThatReceivesWhatItIsAllowedHasNoViolations() {
    MadeHistory history = MadeHistory.connectedUntil(END);
    MadeHistory.Made stream = history.stream(token("1", A), A);
    stream.receives(10, FIRST);
    stream.receives(20, THIRD);
    assertEquals(Set.of(), history.kinds());
  }

  @Test
  void anEventOfATopicThatWasNotAskedForIsReported() {
    MadeHistory history = MadeHistory.connectedUntil(END);
    MadeHistory.Made stream = history.stream(token("1", A), A);
    stream.receives(10, FIRST, SECOND, THIRD);
    assertEquals(Set.of(Kind.NOT_ALLOWED), history.kinds());
  }

  @Test
  void aStreamThatIsToldMoreThanItWasGrantedIsReported() {
    MadeHistory history = MadeHistory.connectedUntil(END);
    MadeHistory.Made stream = history.stream(token("1", A), A);
    stream.isTold(5, A, B);
    stream.receives(10, FIRST, SECOND, THIRD);
    assertEquals(Set.of(Kind.NOT_ALLOWED), history.kinds());
  }

  @Test
  void aRenewalChangesTheTopicsFromThePlaceWhereTheStreamIs() {
    MadeHistory history = MadeHistory.connectedUntil(END);
    MadeHistory.Made stream = history.stream(token("1", A), A);
    stream.receives(10, FIRST);
    stream.renewed(20, StreamHistory.Outcome.CONFIRMED, token("2", A, B));
    stream.isTold(25, A, B);
    stream.receives(30, SECOND);
    stream.receives(40, THIRD);
    assertEquals(Set.of(), history.kinds());
  }

  @Test
  void anEventThatIsMissingAfterAStreamHasGainedItsTopicIsReported() {
    MadeHistory history = MadeHistory.connectedUntil(END);
    MadeHistory.Made stream = history.stream(token("1", A), A);
    stream.renewed(5, StreamHistory.Outcome.CONFIRMED, token("2", A, B));
    stream.isTold(6, A, B);
    stream.receives(10, FIRST);
    stream.receives(40, THIRD);
    assertEquals(Set.of(Kind.MISSED), history.kinds());
  }

  @Test
  void whereTheTopicsChangeBetweenTwoIdsEventsOfBothSetsAloneAreExpected() {
    MadeHistory history = MadeHistory.connectedUntil(END);
    MadeHistory.Made stream = history.stream(token("1", A), A);
    stream.receives(10, FIRST);
    stream.renewed(20, StreamHistory.Outcome.CONFIRMED, token("2", A, B));
    stream.isTold(25, A, B);
    stream.receives(40, THIRD); // it may have been past the second
    assertEquals(Set.of(), history.kinds());
  }

  @Test
  void anEventOfATopicThatWasKeptIsMissedWhereTheTopicsChange() {
    MadeHistory history = MadeHistory.connectedUntil(END);
    MadeHistory.Made stream = history.stream(token("1", B), B);
    stream.renewed(20, StreamHistory.Outcome.CONFIRMED, token("2", A, B));
    stream.isTold(25, A, B);
    stream.receives(40, THIRD);
    assertEquals(Set.of(Kind.MISSED), history.kinds());
  }

  @Test
  void anEventThatIsReceivedAgainAfterARenewalIsReported() {
    MadeHistory history = MadeHistory.connectedUntil(END);
    MadeHistory.Made stream = history.stream(token("1", A), A);
    stream.receives(10, FIRST);
    stream.renewed(20, StreamHistory.Outcome.CONFIRMED, token("2", A));
    stream.receives(30, FIRST);
    stream.receives(40, THIRD);
    assertEquals(Set.of(Kind.TWICE), history.kinds());
  }

  @Test
  void anEventThatIsReceivedInAnotherOrderIsReported() {
    MadeHistory history = MadeHistory.connectedUntil(END);
    MadeHistory.Made stream = history.stream(token("1", A), A);
    stream.receives(10, THIRD);
    stream.receives(20, FIRST);
    assertEquals(Set.of(Kind.MISSED, Kind.REORDERED), history.kinds());
  }

  @Test
  void anEventThatIsMissingBetweenTwoStreamsIsReported() {
    MadeHistory history = MadeHistory.connectedUntil(END);
    history.stream(token("1", A, B), A, B).receives(10, FIRST);
    history.stream(20, FIRST.id(), token("2", A, B), A, B).receives(30, THIRD);
    assertEquals(Set.of(Kind.MISSED), history.kinds());
  }

  @Test
  void aStreamThatBeginsAfterTheLastIdOfTheOneBeforeMissesWhatIsBetween() {
    MadeHistory history = MadeHistory.connectedUntil(END);
    history.stream(token("1", A, B), A, B).receives(10, FIRST);
    history.stream(20, SECOND.id(), token("2", A, B), A, B).receives(30, THIRD);
    assertEquals(Set.of(Kind.MISSED), history.kinds());
  }

  @Test
  void aStreamThatKeepsTopicsLongAfterItsRenewalHasTakenThemIsReported() {
    MadeHistory history = MadeHistory.connectedUntil(END);
    MadeHistory.Made stream = history.stream(token("1", A), A);
    stream.receives(10, FIRST);
    stream.renewed(20, StreamHistory.Outcome.CONFIRMED, token("2", B));
    stream.receives(5_000, THIRD);
    assertEquals(Set.of(Kind.NOT_ALLOWED), history.kinds());
  }

  @Test
  void anEventThatWasBeingSentWhenAStreamWasRenewedIsCompleted() {
    MadeHistory history = MadeHistory.connectedUntil(END);
    MadeHistory.Made stream = history.stream(token("1", A), A);
    stream.receives(10, FIRST);
    stream.renewed(20, StreamHistory.Outcome.CONFIRMED, token("2", B));
    stream.receives(15, 5_000, THIRD);
    assertEquals(Set.of(), history.kinds());
  }

  @Test
  void aRenewalWhoseOutcomeIsUnknownAllowsBoth() {
    MadeHistory history = MadeHistory.connectedUntil(END);
    MadeHistory.Made stream = history.stream(token("1", A), A);
    stream.receives(10, FIRST);
    stream.renewed(20, StreamHistory.Outcome.UNKNOWN, token("2", B));
    stream.receives(5_000, THIRD);
    assertEquals(Set.of(), history.kinds());
  }

  @Test
  void aRenewalThatWasRefusedChangesNothing() {
    MadeHistory history = MadeHistory.connectedUntil(END);
    MadeHistory.Made stream = history.stream(token("1", A), A);
    stream.receives(10, FIRST);
    stream.renewed(20, StreamHistory.Outcome.REFUSED, token("2", A, B));
    stream.isTold(25, A, B);
    stream.receives(40, THIRD);
    assertEquals(Set.of(Kind.NOT_ALLOWED), history.kinds());
  }

  @Test
  void aStreamThatGoesOnAfterItsTokenIsReported() {
    MadeHistory history = MadeHistory.connectedUntil(END);
    MadeHistory.Made stream = history.stream(expiring("1", 1_000, A), A);
    stream.receives(10, FIRST);
    stream.receives(5_000, THIRD);
    assertEquals(Set.of(Kind.AFTER_EXPIRY), history.kinds());
  }

  @Test
  void aStreamThatGoesOnWhileTheClockOfItsNodeIsWrongIsNotReported() {
    MadeHistory history = MadeHistory.connectedUntil(END);
    history.rights().wrongClock(new RightsHistory.WrongClock(1, at(500), at(5_500)));
    MadeHistory.Made stream = history.stream(expiring("1", 1_000, A), A);
    stream.receives(10, FIRST);
    stream.receives(5_000, THIRD);
    assertEquals(Set.of(), history.kinds());
  }

  @Test
  void aStreamThatEndsLongBeforeItsTokenIsReported() {
    MadeHistory history = MadeHistory.connectedUntil(END);
    MadeHistory.Made stream = history.stream(token("1", A), A);
    stream.receives(10, FIRST, THIRD);
    stream.ends(20, "expired");
    assertEquals(Set.of(Kind.EXPIRED_EARLY), history.kinds());
  }

  @Test
  void anAnswerThatSaysThatTheHubHasABugIsReported() {
    MadeHistory history = MadeHistory.connectedUntil(END);
    history.stream(token("1", A), A).receives(10, FIRST, THIRD);
    history.rights().failed("renew at node 1");
    assertEquals(Set.of(Kind.FAILED), history.kinds());
  }

  @Test
  void aTicketThatOpensTwoStreamsIsReported() {
    MadeHistory history = MadeHistory.connectedUntil(END);
    MadeHistory.Made stream = history.stream(token("1", A), A);
    stream.receives(10, FIRST, THIRD);
    history.rights().opened(new TicketUse("ticket", 1));
    history.rights().opened(new TicketUse("ticket", 2));
    assertEquals(Set.of(Kind.TICKET_TWICE), history.kinds());
  }
}
