package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class VoterRulesTest {
  private static final List<String> ABC = List.of("a", "b", "c");

  private static String refusal(List<String> current, String... target) {
    return assertThrows(VotersRefused.class, () -> VoterRules.steps(current, List.of(target)))
        .getMessage();
  }

  @Test
  void replacingAVoterIsOneStep() {
    assertEquals(List.of(List.of("a", "b", "d")), VoterRules.steps(ABC, List.of("a", "b", "d")));
  }

  @Test
  void oneVoterBecomesThreeInTwoStepsOfOneNewVoterEach() {
    assertEquals(
        List.of(List.of("a", "b"), List.of("b", "a", "c")),
        VoterRules.steps(List.of("a"), List.of("b", "a", "c")));
  }

  @Test
  void twoVotersThatAFailedChangeHasLeftBecomeThree() {
    assertEquals(List.of(ABC), VoterRules.steps(List.of("a", "b"), ABC));
  }

  @Test
  void threeBecomeFiveAndOne() {
    assertEquals(1, VoterRules.steps(ABC, List.of("a", "b", "c", "d", "e")).size());
    assertEquals(List.of(List.of("b")), VoterRules.steps(ABC, List.of("b")));
  }

  @Test
  void theSameSetIsNoStep() {
    assertEquals(List.of(), VoterRules.steps(ABC, List.of("c", "b", "a")));
  }

  @Test
  void twoVotersAreRefusedWithTheReason() {
    assertTrue(refusal(ABC, "a", "b").contains("two voters stop when either of them does"));
  }

  @Test
  void aVoterThatIsListedTwiceIsRefused() {
    assertEquals("a must be listed once", refusal(ABC, "a", "b", "a"));
  }

  @Test
  void aSetWhoseMostAreNewIsRefused() {
    assertTrue(refusal(ABC, "a", "d", "e").startsWith("most of the new voters must be"));
    assertTrue(refusal(ABC, "d", "e", "f").startsWith("at least one voter must stay, of a, b, c"));
    assertTrue(refusal(List.of("a"), "a", "b", "c", "d", "e").contains("in several steps"));
  }

  @Test
  void noVotersAndTenAreRefused() {
    assertTrue(refusal(ABC).contains("from 1 to 9"));
    assertTrue(
        refusal(ABC, "a", "b", "c", "d", "e", "f", "g", "h", "i", "j").contains("from 1 to 9"));
  }
}
