package io.tidings.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ElectorateTest {
  private static final UUID A = new UUID(0, 1);
  private static final UUID B = new UUID(0, 2);
  private static final UUID C = new UUID(0, 3);
  private static final UUID D = new UUID(0, 4);

  private static Electorate of(UUID... members) {
    var electorate = new Electorate(0);
    electorate.begin(List.of(members));
    return electorate;
  }

  @Test
  void aNodeAloneIsEnough() {
    assertTrue(of(A).enough());
  }

  @Test
  void twoOfThreeGoOnAndTheThirdDoesNot() {
    Electorate two = of(A, B, C);
    two.present(List.of(A, B));
    assertTrue(two.enough());
    Electorate one = of(A, B, C);
    one.present(List.of(C));
    assertFalse(one.enough());
    assertEquals(List.of(A, B), one.missing());
  }

  @Test
  void ofTwoHalvesTheOneWithTheOldestGoesOn() {
    Electorate older = of(A, B);
    older.present(List.of(A));
    assertTrue(older.enough());
    Electorate younger = of(A, B);
    younger.present(List.of(B));
    assertFalse(younger.enough());
    Electorate half = of(A, B, C, D);
    half.present(List.of(C, D));
    assertFalse(half.enough());
  }

  @Test
  void aNodeThatSurelyEndedCountsNoMore() {
    Electorate younger = of(A, B);
    younger.present(List.of(B));
    younger.ended(A);
    assertTrue(younger.enough());
  }

  @Test
  void whoWentOnCountsAnewAndCanLoseAnother() {
    Electorate electorate = of(A, B, C);
    electorate.present(List.of(A, B));
    electorate.present(List.of(A));
    assertTrue(electorate.enough());
    Electorate other = of(A, B, C);
    other.present(List.of(B, C));
    other.present(List.of(C));
    assertFalse(other.enough());
  }

  @Test
  void whoJoinsAPartThatIsTooSmallDoesNotMakeItEnough() {
    Electorate electorate = of(A, B, C);
    electorate.present(List.of(C));
    electorate.present(List.of(C, D));
    assertFalse(electorate.enough());
  }

  @Test
  void whoComesBackCountsAgain() {
    Electorate electorate = of(A, B, C);
    electorate.present(List.of(C));
    electorate.present(List.of(A, C));
    assertTrue(electorate.enough());
    electorate.present(List.of(C));
    assertFalse(electorate.enough());
  }

  @Test
  void aQuorumThatWasSetIsAllThatCounts() {
    var electorate = new Electorate(2);
    electorate.begin(List.of(A));
    assertFalse(electorate.enough());
    electorate.present(List.of(A, B));
    assertTrue(electorate.enough());
  }

  @Test
  void guestsDoNotCount() {
    assertTrue(of().enough());
  }
}
