package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidings.Wait;
import io.tidings.log.ExpiringRecord;
import io.tidings.log.ExpiringRecords;
import io.tidings.log.ExpiringRecordsContract;
import io.tidings.log.LogState;
import io.tidings.log.LogUnavailable;
import io.tidings.log.OutcomeUnknown;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class RaftRecordsTest extends ExpiringRecordsContract {
  @TempDir Path directory;
  private RaftCluster cluster;

  @BeforeEach
  void start() throws Exception {
    cluster = new RaftCluster(directory, 3).start();
    cluster.leader();
  }

  @AfterEach
  void stop() throws Exception {
    cluster.close();
  }

  @Override
  protected ExpiringRecords records() {
    return cluster.node(0).log.records();
  }

  @Override
  protected ExpiringRecords others() {
    return cluster.node(1).log.records();
  }

  @Test
  void recordsAreThereAfterAllNodesWereStartedAgain() throws Exception {
    var stored = new ArrayList<ExpiringRecord>();
    for (int i = 0; i < 10; i++) {
      stored.add(get(records().putIfAbsent(record("a", "key " + i, "" + i))));
    }
    cluster.close();
    cluster.start();
    for (RaftCluster.Node node : cluster.nodes()) {
      List<ExpiringRecord> found = new CopyOnWriteArrayList<>();
      node.log.records().follow("a", found::add);
      Wait.until("all are there, in order", () -> found.equals(stored));
    }
    assertEquals(stored.get(3), get(others().putIfAbsent(record("a", "key 3", "again"))));
  }

  @Test
  void withoutAMajorityARecordIsRefusedAndNeverAppears() throws Exception {
    RaftCluster.Node left = cluster.follower();
    get(left.log.records().putIfAbsent(record("a", "before", "before")));
    List<LogState> states = new CopyOnWriteArrayList<>();
    left.log.onState(states::add);
    for (RaftCluster.Node node : cluster.nodes()) {
      if (node != left) {
        node.stop();
      }
    }
    Wait.until("it has no leader", () -> states.get(states.size() - 1) != LogState.UP);
    var failure =
        assertThrows(
            ExecutionException.class,
            () -> get(left.log.records().putIfAbsent(record("a", "key", "refused"))));
    assertInstanceOf(LogUnavailable.class, failure.getCause());
    assertEquals("before", get(left.log.records().putIfAbsent(record("a", "before", "2"))).value());
    if (!(failure.getCause() instanceof OutcomeUnknown)) {
      cluster.start();
      ExpiringRecord second = record("a", "key", "second");
      cluster.leader();
      Wait.until("it is up", () -> states.get(states.size() - 1) == LogState.UP);
      assertEquals(second, get(left.log.records().putIfAbsent(second)));
    }
  }

  @Test
  void aRecordIsStoredWhileTheLeaderChanges() throws Exception {
    RaftCluster.Node leader = cluster.leader();
    RaftCluster.Node other = cluster.follower();
    leader.stop();
    Wait.until(
        "it is stored",
        () -> {
          try {
            return get(other.log.records().putIfAbsent(record("a", "key", "1"))).value() != null;
          } catch (ExecutionException e) {
            assertInstanceOf(LogUnavailable.class, e.getCause());
            return false;
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
  }
}
