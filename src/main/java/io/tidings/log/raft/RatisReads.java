package io.tidings.log.raft;

import java.lang.reflect.Field;
import java.util.function.Consumer;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.raftlog.RaftLogIndex;

/**
 * Has a leader confirm each read with a majority. Ratis 3.2.2 answers a read at once if an earlier
 * one with the same committed index was confirmed: a leader that was replaced meanwhile, and does
 * not know it yet, would say that it has everything. Uses internals of Ratis, by name.
 */
final class RatisReads {
  private static final System.Logger LOG = System.getLogger(RatisReads.class.getName());

  private RatisReads() {}

  /** Before the leader is asked. */
  static void confirmEach(LeaderState leader) {
    try {
      Field heartbeats = field(leader, "readIndexHeartbeats");
      Object owner = heartbeats.get(leader);
      field(owner, "ackedCommitIndex").set(owner, new NothingConfirmed());
    } catch (ReflectiveOperationException | RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "reads may be answered by a leader of the past", e);
    }
  }

  private static Field field(Object owner, String name) throws ReflectiveOperationException {
    Field field = owner.getClass().getDeclaredField(name);
    field.setAccessible(true);
    return field;
  }

  private static final class NothingConfirmed extends RaftLogIndex {
    private NothingConfirmed() {
      super("nothing confirmed", RaftLog.INVALID_LOG_INDEX);
    }

    @Override
    public boolean updateToMax(long index, Consumer<Object> log) {
      return false;
    }
  }
}
