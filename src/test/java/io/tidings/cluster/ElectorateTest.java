package io.tidings.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ElectorateTest {
  private static final Duration CALM = Duration.ofSeconds(10);

  private long now;

  /** A node that knows the voters, all of which are present. */
  private Electorate of(String self, String... voters) {
    var electorate = new Electorate(self, 0, CALM);
    electorate.doubt();
    electorate.present(List.of(voters), now);
    electorate.told(5, List.of(voters), now);
    return electorate;
  }

  private void present(Electorate electorate, String... members) {
    electorate.present(List.of(members), now);
  }

  private void calm(Electorate electorate) {
    now += CALM.toNanos() + 1;
    electorate.settle(now);
  }

  @Test
  void theFirstIsEnoughAndWhoComesCountsAtOnce() {
    var first = new Electorate("a", 0, CALM);
    first.found();
    assertTrue(first.enough());
    present(first, "a", "b");
    assertEquals(List.of("a", "b"), first.voters());
    assertEquals(2, first.version());
  }

  @Test
  void whoComesDoesNotKnowBeforeItIsTold() {
    var second = new Electorate("b", 0, CALM);
    second.doubt();
    present(second, "a", "b");
    assertFalse(second.enough());
    second.told(2, List.of("a", "b"), now);
    assertTrue(second.enough());
  }

  @Test
  void twoOfThreeGoOnAndTheThirdDoesNot() {
    Electorate two = of("a", "a", "b", "c");
    present(two, "a", "b");
    assertTrue(two.enough());
    Electorate one = of("c", "a", "b", "c");
    present(one, "c");
    assertFalse(one.enough());
    assertEquals(List.of("a", "b"), one.missing());
    calm(one);
    assertFalse(one.enough());
  }

  @Test
  void whoLosesTheOthersOneAfterTheOtherHasNotGoneOnWithHalfOfThem() {
    Electorate oldest = of("a", "a", "b", "c");
    present(oldest, "a", "c");
    assertTrue(oldest.enough());
    now += Duration.ofSeconds(1).toNanos();
    present(oldest, "a");
    assertFalse(oldest.enough());
    calm(oldest);
    assertFalse(oldest.enough());
  }

  @Test
  void whoWentOnForLongEnoughCountsAnewAndCanLoseAnother() {
    Electorate oldest = of("a", "a", "b", "c");
    present(oldest, "a", "b");
    calm(oldest);
    assertEquals(List.of("a", "b"), oldest.voters());
    present(oldest, "a");
    assertTrue(oldest.enough());
    Electorate younger = of("b", "a", "b");
    present(younger, "b");
    assertFalse(younger.enough());
  }

  @Test
  void ofTwoHalvesTheOneWithTheOldestGoesOn() {
    Electorate older = of("a", "a", "b");
    present(older, "a");
    assertTrue(older.enough());
    Electorate younger = of("b", "a", "b");
    present(younger, "b");
    assertFalse(younger.enough());
    Electorate half = of("c", "a", "b", "c", "d");
    present(half, "c", "d");
    assertFalse(half.enough());
  }

  @Test
  void aNodeThatSurelyEndedCountsNoMore() {
    Electorate younger = of("b", "a", "b");
    present(younger, "b");
    younger.ended("a", now);
    assertTrue(younger.enough());
    Electorate last = of("c", "a", "b", "c");
    present(last, "c");
    last.ended("a", now);
    assertFalse(last.enough());
    last.ended("b", now);
    assertTrue(last.enough());
  }

  @Test
  void onlyTheOldestThatIsPresentDecidesWhoTheVotersAre() {
    Electorate second = of("b", "a", "b", "c");
    present(second, "a", "b");
    calm(second);
    assertEquals(List.of("a", "b", "c"), second.voters());
    second.told(6, List.of("a", "b"), now);
    assertEquals(List.of("a", "b"), second.voters());
    second.told(5, List.of("a", "b", "c"), now);
    assertEquals(List.of("a", "b"), second.voters());
  }

  @Test
  void whoJoinsAPartThatIsTooSmallDoesNotMakeItEnough() {
    Electorate electorate = of("c", "a", "b", "c");
    present(electorate, "c");
    present(electorate, "c", "d");
    assertFalse(electorate.enough());
  }

  @Test
  void whoComesBackCountsAgain() {
    Electorate electorate = of("c", "a", "b", "c");
    present(electorate, "c");
    present(electorate, "a", "c");
    assertTrue(electorate.enough());
  }

  @Test
  void aQuorumThatWasSetIsAllThatCounts() {
    var electorate = new Electorate("a", 2, CALM);
    electorate.found();
    assertFalse(electorate.enough());
    present(electorate, "a", "b");
    assertTrue(electorate.enough());
  }

  @Test
  void whoWentOverWaitsToBeToldUnlessNobodyIsLeftToTell() {
    Electorate electorate = of("b", "a", "b", "c");
    present(electorate, "b");
    electorate.doubt();
    present(electorate, "a", "c", "b");
    assertFalse(electorate.enough());
    electorate.told(3, List.of("a", "c"), now);
    assertTrue(electorate.enough());
    electorate.doubt();
    present(electorate, "b");
    assertFalse(electorate.enough());
    electorate.ended("a", now);
    assertFalse(electorate.enough());
    electorate.ended("c", now);
    assertTrue(electorate.enough());
  }
}
