package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.log.raft.LeaderWatch.Follower;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LeaderWatchTest {
  private final AtomicLong now = new AtomicLong(5);
  private final List<String> cures = new ArrayList<>();
  private final LeaderWatch watch =
      new LeaderWatch(
          new LeaderWatch.Leadership() {
            @Override
            public void handOn(String successor) {
              cures.add(successor);
            }

            @Override
            public void restart(String reason) {
              cures.add("restart");
            }
          },
          now::get);

  private static Follower level(String id) {
    return new Follower(id, 100, true, true);
  }

  private static Follower stuck(String id) {
    return new Follower(id, 40, true, true);
  }

  private static Follower unfed(String id) {
    return new Follower(id, -1, false, false);
  }

  private static Follower gone(String id) {
    return new Follower(id, 40, true, false);
  }

  private void lead(int seconds, boolean applies, Follower... followers) {
    for (int i = 0; i <= seconds; i++) {
      watch.lead(applies, 100, List.of(followers));
      now.addAndGet(TimeUnit.SECONDS.toNanos(1));
    }
  }

  @Test
  void nothingIsDoneWhileFollowersAreLevelOrProgressOrAreGone() {
    lead(100, true, level("a"), gone("b"));
    for (int match = 0; match < 50; match++) {
      watch.lead(true, 100, List.of(level("a"), new Follower("b", match, true, true)));
      now.addAndGet(TimeUnit.SECONDS.toNanos(8));
    }
    assertEquals(List.of(), cures);
  }

  @Test
  void aFollowerThatAnswersAndDoesNotProgressHasTheLeadershipHandedOnToOneThatIsFed() {
    lead(9, true, stuck("a"), level("b"));
    assertEquals(List.of(), cures);
    lead(1, true, stuck("a"), level("b"));
    assertEquals(List.of("b"), cures);
  }

  @Test
  void aFollowerThatNothingSendsToIsOneToo() {
    lead(10, true, unfed("a"), new Follower("b", 90, true, true), level("c"));
    assertEquals(List.of("c"), cures);
  }

  @Test
  void withoutASuccessorTheEngineIsStartedAgain() {
    lead(10, true, unfed("a"), gone("b"));
    assertEquals(List.of("restart"), cures);
  }

  @Test
  void aCureHasTime() {
    lead(69, true, stuck("a"), level("b"));
    assertEquals(List.of("b"), cures);
    lead(1, true, stuck("a"), level("b"));
    assertEquals(List.of("b", "b"), cures);
  }

  @Test
  void aCureThatFailedIsRepeatedSoon() {
    lead(2, false, level("a"));
    assertEquals(List.of("a"), cures);
    watch.handOnFailed();
    lead(1, false, level("a"));
    assertEquals(List.of("a"), cures);
    lead(1, false, level("a"));
    assertEquals(List.of("a", "a"), cures);
  }

  @Test
  void afterAHandOnThatFailedAnotherVoterIsTried() {
    for (int i = 0; i < 5; i++) {
      lead(3, false, level("b"), new Follower("a", 110, true, true), gone("c"));
      watch.handOnFailed();
    }
    assertEquals(List.of("a", "b", "a", "a", "b"), cures);
  }

  @Test
  void aLeaderThatCannotApplyHandsOnTheLeadershipIfItCan() {
    lead(1, false, level("a"));
    lead(1, true, level("a"));
    lead(1, false, level("a"));
    assertEquals(List.of(), cures);
    lead(1, false, level("a"), level("b"));
    assertEquals(1, cures.size());
  }

  @Test
  void aLeaderThatCannotApplyAndIsAloneStays() {
    lead(100, false, gone("a"), gone("b"));
    assertEquals(List.of(), cures);
  }

  @Test
  void whatWasSeenInAnEarlierLeadershipDoesNotCount() {
    lead(7, true, stuck("a"), level("b"));
    lead(1, false, stuck("a"), level("b"));
    watch.follow();
    lead(1, false, stuck("a"), level("b"));
    lead(7, true, stuck("a"), level("b"));
    assertEquals(List.of(), cures);
  }
}
