package io.tidings.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.chaos.Violation.Kind;
import io.tidings.chaos.VotersHistory.Ask;
import io.tidings.chaos.VotersHistory.Outcome;
import io.tidings.chaos.VotersHistory.Request;
import io.tidings.chaos.VotersHistory.Seen;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Right and wrong histories of a cluster that begins with the voters a, b and c. */
class VotersCheckerTest {
  private static final List<String> FIRST = List.of("a", "b", "c");
  private static final List<String> SECOND = List.of("a", "b", "d");
  private static final List<String> THIRD = List.of("a", "d", "e");

  private final VotersHistory history = new VotersHistory();
  private long time;

  @BeforeEach
  void begin() {
    history.begin(Set.copyOf(FIRST));
  }

  private void asked(List<String> target, Outcome outcome) {
    history.requested(new Request(new Ask(target, true, 1), time++, time++, outcome, ""));
  }

  private void askedInVain(List<String> target, Outcome outcome) {
    history.requested(new Request(new Ask(target, false, 1), time++, time++, outcome, ""));
  }

  private Seen seen(String address, long term, boolean leads, List<String> voters) {
    return new Seen(address, time++, term, leads ? address : "", Set.copyOf(voters), false);
  }

  private void leads(String address, long term) {
    history.saw(seen(address, term, true, FIRST));
  }

  private void last(List<String> voters) {
    voters.forEach(address -> history.sawLast(seen(address, 1, false, voters)));
  }

  private Set<Kind> kinds() {
    var kinds = EnumSet.noneOf(Kind.class);
    VotersChecker.check(history).forEach(violation -> kinds.add(violation.kind()));
    return kinds;
  }

  @Test
  void oneLeaderForEachTermAndTheVotersOfTheLastChangeAreRight() {
    leads("a", 1);
    leads("a", 1);
    leads("b", 2);
    leads("b", 2);
    asked(SECOND, Outcome.DONE);
    askedInVain(List.of("a", "b"), Outcome.REFUSED);
    asked(THIRD, Outcome.REFUSED);
    last(SECOND);
    assertEquals(Set.of(), kinds());
  }

  @Test
  void twoLeadersInOneTermAreFound() {
    leads("a", 1);
    leads("b", 1);
    leads("a", 1);
    leads("b", 1);
    last(FIRST);
    assertEquals(Set.of(Kind.TWO_LEADERS), kinds());
  }

  @Test
  void anAnswerThatWasReadAcrossTheChangeOfTheTermIsNoLeader() {
    leads("a", 1);
    leads("a", 1);
    leads("a", 2);
    history.saw(seen("a", 2, false, FIRST));
    leads("b", 2);
    leads("b", 2);
    last(FIRST);
    assertEquals(Set.of(), kinds());
  }

  @Test
  void votersOfAChangeThatWasRefusedAreFound() {
    asked(SECOND, Outcome.REFUSED);
    last(SECOND);
    assertEquals(Set.of(Kind.VOTERS_DIFFER), kinds());
  }

  @Test
  void aChangeThatWasAnsweredAndIsForgottenIsFound() {
    asked(SECOND, Outcome.DONE);
    last(FIRST);
    assertEquals(Set.of(Kind.VOTERS_DIFFER), kinds());
  }

  @Test
  void aChangeWhoseOutcomeIsUnknownWasMadeOrNot() {
    asked(SECOND, Outcome.UNKNOWN);
    last(FIRST);
    assertEquals(Set.of(), kinds());
  }

  @Test
  void aChangeWhoseOutcomeIsUnknownMayBeMadeAfterOneThatWasRefused() {
    asked(SECOND, Outcome.UNKNOWN);
    asked(THIRD, Outcome.REFUSED);
    last(SECOND);
    assertEquals(Set.of(), kinds());
  }

  @Test
  void aChangeWhoseOutcomeIsUnknownDoesNotOutliveTheNextOne() {
    asked(THIRD, Outcome.UNKNOWN);
    asked(SECOND, Outcome.DONE);
    last(THIRD);
    assertEquals(Set.of(Kind.VOTERS_DIFFER), kinds());
  }

  @Test
  void aChangeThatIsUnknownAndOverlapsWithOneThatWasDoneMayComeAfterIt() {
    history.requested(new Request(new Ask(THIRD, true, 1), 0, 9, Outcome.UNKNOWN, ""));
    history.requested(new Request(new Ask(SECOND, true, 1), 1, 5, Outcome.DONE, ""));
    last(THIRD);
    assertEquals(Set.of(), kinds());
  }

  @Test
  void voterListsThatDifferInTheEndAreFound() {
    asked(SECOND, Outcome.UNKNOWN);
    history.sawLast(seen("a", 1, false, FIRST));
    history.sawLast(seen("b", 1, false, SECOND));
    assertEquals(Set.of(Kind.VOTERS_DIFFER), kinds());
  }

  @Test
  void aChangeThatIsNotCompleteInTheEndIsFound() {
    asked(SECOND, Outcome.DONE);
    history.sawLast(new Seen("a", time++, 1, "", Set.copyOf(SECOND), true));
    assertEquals(Set.of(Kind.VOTERS_DIFFER), kinds());
  }

  @Test
  void votersWhomNobodyAskedForAreFound() {
    history.saw(seen("a", 1, false, THIRD));
    history.saw(seen("a", 1, false, THIRD));
    last(FIRST);
    assertEquals(Set.of(Kind.VOTERS_FROM_NOWHERE), kinds());
  }

  @Test
  void anInvalidChangeThatIsNotRefusedIsFound() {
    askedInVain(List.of("a", "b"), Outcome.DONE);
    askedInVain(List.of("a", "a", "b"), Outcome.UNKNOWN);
    last(FIRST);
    assertEquals(Set.of(Kind.VOTERS_NOT_REFUSED, Kind.VOTERS_DIFFER), kinds());
  }

  @Test
  void aVoterThatDoesNotAnswerInTheEndIsFound() {
    asked(SECOND, Outcome.DONE);
    assertEquals(Set.of(Kind.VOTERS_DIFFER), kinds());
  }
}
