package io.tidings.cluster;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import org.junit.jupiter.api.Test;

class AnsweringTest {
  private final Answering answering = new Answering();

  @Test
  void isWellAtFirstAndWhileAnAddIsNew() {
    assertTrue(answering.well());
    answering.addBegins();
    assertTrue(answering.well());
    assertFalse(answering.mustBeTried());
  }

  @Test
  void isNotWellWhileTheLastAddWasRefusedAndMustBeTriedWhenNoneIsUnderWay() {
    answering.addEnds(answering.addBegins(), true);
    assertFalse(answering.well());
    assertTrue(answering.mustBeTried());
    long next = answering.addBegins();
    assertFalse(answering.mustBeTried());
    answering.addEnds(next, false);
    assertTrue(answering.well());
    assertFalse(answering.mustBeTried());
  }

  @Test
  void isNotWellWhenAnAddIsOpenForLongThoughOthersAreAnswered() {
    long hanging = answering.addBegins();
    Wait.until(
        "the open add makes it unwell",
        () -> {
          answering.read();
          answering.addEnds(answering.addBegins(), false);
          return !answering.well();
        });
    answering.addEnds(hanging, false);
    assertTrue(answering.well());
  }

  @Test
  void isNotWellWhenNothingIsReadForLong() {
    Wait.until("it is not well", () -> !answering.well());
    answering.read();
    assertTrue(answering.well());
  }

  @Test
  void everyAddIsKnownByItself() {
    assertNotEquals(answering.addBegins(), answering.addBegins());
  }
}
