package io.tidings.chaos;

import static io.tidings.chaos.MadeHistory.A;
import static io.tidings.chaos.MadeHistory.END;
import static io.tidings.chaos.MadeHistory.FIRST;
import static io.tidings.chaos.MadeHistory.THIRD;
import static io.tidings.chaos.MadeHistory.token;
import static io.tidings.chaos.MadeHistory.use;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.chaos.RevocationHistory.Target;
import io.tidings.chaos.Violation.Kind;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Right and wrong histories of tokens that are revoked. */
class RevocationCheckerTest {
  @Test
  void aStreamThatGoesOnAfterARevocationIsReported() {
    MadeHistory history = MadeHistory.connectedUntil(END);
    MadeHistory.Made stream = history.stream(token("1", A), A);
    stream.receives(10, FIRST);
    history.revoked(100, RevocationHistory.Outcome.DONE, "1");
    stream.receives(5_000, THIRD);
    assertEquals(Set.of(Kind.AFTER_REVOCATION), history.kinds());
  }

  @Test
  void aStreamThatWasRenewedByATokenThatIsNotRevokedMayGoOn() {
    MadeHistory history = MadeHistory.connectedUntil(END);
    MadeHistory.Made stream = history.stream(token("1", A), A);
    stream.receives(10, FIRST);
    stream.renewed(20, StreamHistory.Outcome.CONFIRMED, token("2", A));
    history.revoked(100, RevocationHistory.Outcome.DONE, "1");
    stream.receives(5_000, THIRD);
    assertEquals(Set.of(), history.kinds());
  }

  @Test
  void aNodeWithoutAQuorumMayServeAStreamUntilItIsIsolated() {
    MadeHistory history = MadeHistory.connectedUntil(100);
    MadeHistory.Made stream = history.stream(token("1", A), A);
    stream.receives(10, FIRST);
    history.revoked(200, RevocationHistory.Outcome.DONE, "1");
    stream.receives(10_000, THIRD);
    assertEquals(Set.of(), history.kinds());
  }

  @Test
  void aNodeThatServesAStreamWhenItIsIsolatedIsReported() {
    MadeHistory history = MadeHistory.connectedUntil(100);
    MadeHistory.Made stream = history.stream(token("1", A), A);
    stream.receives(10, FIRST);
    history.revoked(200, RevocationHistory.Outcome.DONE, "1");
    stream.receives(30_000, THIRD);
    assertEquals(Set.of(Kind.AFTER_ISOLATION), history.kinds());
  }

  @Test
  void aTokenThatIsAcceptedAfterItsRevocationIsReported() {
    MadeHistory history = MadeHistory.connectedUntil(END);
    history.stream(token("of the stream", A), A).receives(10, FIRST, THIRD);
    history.revoked(100, RevocationHistory.Outcome.DONE, "1");
    history.rights().used(use(5_000, "1", TokenUse.Outcome.ACCEPTED));
    assertEquals(Set.of(Kind.AFTER_REVOCATION), history.kinds());
  }

  @Test
  void aTokenThatIsNewToANodeThatIsCutOffMustNotBeAccepted() {
    MadeHistory history = MadeHistory.connectedUntil(100);
    history.stream(token("of the stream", A), A).receives(10, FIRST, THIRD);
    history.revoked(200, RevocationHistory.Outcome.DONE, "1");
    history.rights().used(use(12_000, "1", TokenUse.Outcome.ACCEPTED));
    assertEquals(Set.of(Kind.AFTER_ISOLATION), history.kinds());
  }

  @Test
  void aTokenThatANodeKnowsMayBeAcceptedUntilTheNodeIsIsolated() {
    MadeHistory history = MadeHistory.connectedUntil(100);
    history.stream(token("of the stream", A), A).receives(10, FIRST, THIRD);
    history.rights().used(use(50, "1", TokenUse.Outcome.ACCEPTED));
    history.revoked(200, RevocationHistory.Outcome.DONE, "1");
    history.rights().used(use(12_000, "1", TokenUse.Outcome.ACCEPTED));
    assertEquals(Set.of(), history.kinds());
    history.rights().used(use(30_000, "1", TokenUse.Outcome.ACCEPTED));
    assertEquals(Set.of(Kind.AFTER_ISOLATION), history.kinds());
  }

  @Test
  void whereTheSettingsSaySoAnIsolatedNodeMayAcceptTokensThatItKnows() {
    MadeHistory history = MadeHistory.connectedUntil(100);
    history.rights().isolatedAcceptsKnown(true);
    history.stream(token("of the stream", A), A).receives(10, FIRST, THIRD);
    history.rights().used(use(50, "1", TokenUse.Outcome.ACCEPTED));
    history.revoked(200, RevocationHistory.Outcome.DONE, "1");
    history.revoked(200, RevocationHistory.Outcome.DONE, "2");
    history.rights().used(use(30_000, "1", TokenUse.Outcome.ACCEPTED));
    assertEquals(Set.of(), history.kinds());
    history.rights().used(use(30_000, "2", TokenUse.Outcome.ACCEPTED));
    assertEquals(Set.of(Kind.AFTER_ISOLATION), history.kinds());
  }

  @Test
  void aTokenThatIsRefusedThoughNobodyRevokedItIsReported() {
    MadeHistory history = MadeHistory.connectedUntil(END);
    history.stream(token("of the stream", A), A).receives(10, FIRST, THIRD);
    history.rights().used(use(5_000, "1", TokenUse.Outcome.REVOKED));
    assertEquals(Set.of(Kind.REVOKED_WITHOUT_REASON), history.kinds());
  }

  @Test
  void aRevocationThatWasRefusedAndIsInForceIsReported() {
    MadeHistory history = MadeHistory.connectedUntil(END);
    history.stream(token("of the stream", A), A).receives(10, FIRST, THIRD);
    history.revoked(100, RevocationHistory.Outcome.REFUSED, "1");
    history.rights().usedLast(use(5_000, "1", TokenUse.Outcome.REVOKED));
    assertEquals(Set.of(Kind.REVOKED_WITHOUT_REASON), history.kinds());
  }

  @Test
  void aRevocationThatIsForgottenIsReported() {
    MadeHistory history = MadeHistory.connectedUntil(END);
    history.stream(token("of the stream", A), A).receives(10, FIRST, THIRD);
    history.revoked(100, RevocationHistory.Outcome.DONE, "1");
    history.rights().usedLast(use(50_000, "1", TokenUse.Outcome.ACCEPTED));
    assertEquals(Set.of(Kind.AFTER_REVOCATION), history.kinds());
  }

  @Test
  void aRevocationWhoseOutcomeIsUnknownIsInForceOrNot() {
    MadeHistory history = MadeHistory.connectedUntil(END);
    history.stream(token("of the stream", A), A).receives(10, FIRST, THIRD);
    history.revoked(100, RevocationHistory.Outcome.UNKNOWN, "1");
    history.revoked(100, RevocationHistory.Outcome.UNKNOWN, "2");
    history.rights().usedLast(use(5_000, "1", TokenUse.Outcome.ACCEPTED));
    history.rights().usedLast(use(5_000, "2", TokenUse.Outcome.REVOKED));
    assertEquals(Set.of(), history.kinds());
  }

  @Test
  void aRevocationThatIsInForceAtSomeNodesOnlyIsReported() {
    MadeHistory history = MadeHistory.connectedUntil(END);
    history.stream(token("of the stream", A), A).receives(10, FIRST, THIRD);
    history.revoked(100, RevocationHistory.Outcome.UNKNOWN, "1");
    history.rights().usedLast(use(5_000, "1", TokenUse.Outcome.ACCEPTED));
    history.rights().usedLast(use(5_000, "1", TokenUse.Outcome.REVOKED));
    assertEquals(Set.of(Kind.HALF_REVOKED), history.kinds());
  }

  @Test
  void aStreamThatEndsAsRevokedThoughItHasTheRightsOfAnotherTokenIsReported() {
    MadeHistory history = MadeHistory.connectedUntil(END);
    MadeHistory.Made stream = history.stream(token("1", A), A);
    stream.receives(10, FIRST, THIRD);
    stream.renewed(20, StreamHistory.Outcome.CONFIRMED, token("2", A));
    history.revoked(100, RevocationHistory.Outcome.DONE, "1");
    stream.ends(150, "revoked");
    assertEquals(Set.of(Kind.REVOKED_WITHOUT_REASON), history.kinds());
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
