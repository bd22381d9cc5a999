package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class RaftVotersTest {
  private static final List<String> ALL = List.of("a:1", "[::1]:7700");

  @Test
  void theNameOfTheClusterMakesTheGroup() {
    var one = new RaftVoters("one", "a:1", ALL);
    assertEquals(one.groupId(), new RaftVoters("one", "[::1]:7700", ALL).groupId());
    assertNotEquals(one.groupId(), new RaftVoters("two", "a:1", ALL).groupId());
  }

  @Test
  void aVoterHasAHostAndAPort() {
    assertEquals("a", new RaftVoters("one", "a:1", ALL).selfHost());
    var self = new RaftVoters("one", "[::1]:7700", ALL);
    assertEquals("::1", self.selfHost());
    assertEquals(7700, self.selfPort());
  }

  @Test
  void aNodeIsOneOfTheVoters() {
    assertThrows(IllegalArgumentException.class, () -> new RaftVoters("one", "b:1", ALL));
  }
}
