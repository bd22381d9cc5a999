package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class EdgeSilenceTest {
  private static final long MOST = 100;
  private static final String EDGE = "10.0.0.7:7700";

  private final AtomicLong now = new AtomicLong();
  private final Set<String> fetching = new HashSet<>();
  private final EdgeSilence silence = new EdgeSilence(MOST, fetching::contains, now::get);

  private List<String> after(long nanos, boolean answers) {
    now.addAndGet(nanos);
    return silence.forgotten(List.of(new LeaderWatch.Follower(EDGE, 5, true, answers)));
  }

  @Test
  void anEdgeIsForgottenWhenItHasNotAnsweredForLong() {
    assertEquals(List.of(), after(0, true));
    assertEquals(List.of(), after(MOST - 1, false));
    assertEquals(List.of(EDGE), after(1, false));
    assertEquals(List.of(), after(1, false), "not again at once");
  }

  @Test
  void anAnswerCountsAndSoDoesTheBeginOfALeadership() {
    assertEquals(List.of(), after(0, false));
    assertEquals(List.of(), after(MOST - 1, true));
    assertEquals(List.of(), after(MOST - 1, false));
    silence.follow();
    assertEquals(List.of(), after(MOST, false));
    assertEquals(List.of(EDGE), after(MOST, false));
  }

  /** Its engine does not run then, however long that takes. */
  @Test
  void anEdgeThatFetchesTheLogIsNotForgotten() {
    assertEquals(List.of(), after(0, true));
    fetching.add(EDGE);
    assertEquals(List.of(), after(5 * MOST, false));
    fetching.clear();
    assertEquals(List.of(), after(MOST - 1, false));
    assertEquals(List.of(EDGE), after(1, false));
  }
}
