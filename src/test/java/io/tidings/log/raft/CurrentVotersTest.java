package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which configuration a node goes by: its own, or what others have told an edge. */
class CurrentVotersTest {
  private static final String EDGE = "127.0.0.1:7";

  private final CurrentVoters voters =
      new CurrentVoters(
          new RaftVoters("tidings", EDGE, List.of("127.0.0.1:1"), RaftVoters.Part.EDGE), false);

  private static VoterConfiguration configuration(long index, String voter, String... edges) {
    return new VoterConfiguration(List.of(voter), List.of(), List.of(edges), index);
  }

  @Test
  void anEdgeGoesByWhatItWasToldUntilItsRaftLogHasAConfiguration() {
    voters.set(configuration(-1, "127.0.0.1:1", EDGE));
    assertTrue(voters.outside().isPresent(), "it has only assumed that it is one");
    voters.tell(configuration(12, "127.0.0.1:2", EDGE));
    assertEquals(Optional.empty(), voters.outside());
    assertEquals(List.of("127.0.0.1:2"), voters.all());
    voters.set(configuration(20, "127.0.0.1:3"));
    assertTrue(voters.outside().isPresent(), "its own is newer, and does not have it");
    assertEquals(List.of("127.0.0.1:3"), voters.all());
  }

  @Test
  void anEdgeThatWasAwayAsksAlsoTheVotersThatItsOwnConfigurationDoesNotHave() {
    voters.set(configuration(5, "127.0.0.1:1"));
    voters.tell(configuration(12, "127.0.0.1:2"));
    assertEquals(List.of("127.0.0.1:1", "127.0.0.1:2"), voters.askable());
    assertEquals(List.of("127.0.0.1:1"), voters.all());
  }

  @Test
  void aRefusalCountsUntilTheClusterHasTheEdge() {
    voters.set(configuration(5, "127.0.0.1:1", EDGE));
    assertTrue(voters.refuse("another epoch"));
    assertEquals(Optional.of("another epoch"), voters.outside());
    voters.tell(configuration(12, "127.0.0.1:1"));
    assertEquals(Optional.of("another epoch"), voters.outside());
    voters.tell(configuration(13, "127.0.0.1:1", EDGE));
    assertEquals(Optional.empty(), voters.outside());
  }
}
