package io.tidings;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidings.settings.InvalidSetting;
import io.tidings.settings.LogSettings.Kind;
import io.tidings.settings.Settings;
import java.util.HashMap;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogFactoryTest {
  private static Settings settings(String text) {
    var values = new HashMap<String, Object>();
    for (String setting : text.split(" ")) {
      values.put(setting.substring(0, setting.indexOf('=')), setting.split("=", 2)[1]);
    }
    return Settings.of(values);
  }

  @ParameterizedTest
  @CsvSource({
    "role=all, DISK",
    "log.kind=memory, MEMORY",
    "log.kind=redis cluster.bus=hazelcast, REDIS",
    "cluster.bus=hazelcast, DISK",
    "cluster.kind=raft cluster.members=127.0.0.1, RAFT",
    "cluster.kind=raft cluster.members=127.0.0.1 log.kind=raft cluster.bus=hazelcast, RAFT",
  })
  void theLogIsOnDiskOrTheClustersUnlessItIsConfigured(String text, Kind kind) {
    Settings settings = settings(text);
    assertDoesNotThrow(() -> LogFactory.check(settings));
    assertEquals(kind, LogFactory.kind(settings));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cluster.kind=raft log.kind=disk | log.kind=disk: is not the log of a cluster: leave it"
            + " out, or set cluster.kind=none",
        "cluster.kind=raft log.kind=redis | log.kind=redis: is not the log of a cluster: leave it"
            + " out, or set cluster.kind=none",
        "log.kind=raft | log.kind=raft: is the log of a cluster, and there is none; see --cluster",
        "cluster.kind=raft | cluster.members=[]: must list all members of the cluster, this one"
            + " included, such as [node1, node2, node3]",
        "cluster.tls.cert=c cluster.tls.key=k cluster.tls.ca=a | cluster.tls.cert=c: is for the nodes"
            + " of a cluster, and there is none; see --cluster, or http.tls.cert",
        "role=producer cluster.kind=raft | role=producer: publishes to hubs over an event bus: set"
            + " cluster.bus=hazelcast",
      })
  void settingsThatContradictEachOtherAreRefusedWithWhatToDo(String text, String message) {
    var e = assertThrows(InvalidSetting.class, () -> LogFactory.check(settings(text)));
    assertEquals(message, e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a |",
        "a,b | cluster.members: 2 nodes go on without 0 of them, as 1 do; an odd number is better",
        "a,b,c |",
        "a,b,c,d | cluster.members: 4 nodes go on without 1 of them, as 3 do; an odd number is"
            + " better",
        "a,b,c,d,e |",
      })
  void anEvenNumberOfMembersIsWarnedOf(String members, String warning) {
    Settings settings = settings("cluster.kind=raft cluster.members=" + members);
    assertEquals(Optional.ofNullable(warning), LogFactory.warning(settings));
    assertEquals(Optional.empty(), LogFactory.warning(settings("cluster.members=" + members)));
  }

  @ParameterizedTest
  @CsvSource({
    "role=producer cluster.bus=hazelcast",
    "role=producer cluster.bus=hazelcast cluster.kind=raft"
  })
  void aProducerNeedsNoLogAndIsNoMemberOfTheCluster(String text) {
    assertDoesNotThrow(() -> LogFactory.check(settings(text)));
  }
}
