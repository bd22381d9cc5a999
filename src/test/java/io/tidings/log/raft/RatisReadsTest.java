package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.apache.ratis.server.raftlog.RaftLogIndex;
import org.junit.jupiter.api.Test;

/** {@link RatisReads} relies on these fields; it can't be compiled against them. */
class RatisReadsTest {
  private static Class<?> field(String type, String name) throws ReflectiveOperationException {
    return Class.forName("org.apache.ratis.server.impl." + type).getDeclaredField(name).getType();
  }

  @Test
  void whatEarlierReadsConfirmedIsKeptByRatisInThisField() throws Exception {
    assertEquals(
        "ReadIndexHeartbeats", field("LeaderStateImpl", "readIndexHeartbeats").getSimpleName());
    assertEquals(RaftLogIndex.class, field("ReadIndexHeartbeats", "ackedCommitIndex"));
  }
}
