package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidings.log.LogUnavailable;
import java.util.List;
import org.junit.jupiter.api.Test;

class KindGateTest {
  private static final String SELF = "127.0.0.1:7700";

  @Test
  void whileTheEngineIsStartedAgainNobodyIsTakenToKnowAKind() {
    var route = new LeaderRoute(new RaftVoters("test", SELF, List.of(SELF)), null);
    var gate = new KindGate(route, null);
    assertThrows(LogUnavailable.class, gate::nodes);
  }
}
