package io.tidings.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.settings.LocalMember.Place;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LocalMemberTest {
  /** Hosts that begin with "here" are this machine. */
  private static Place place(String host) {
    if (host.startsWith("127.") || host.equals("loop")) {
      return Place.LOOPBACK;
    }
    return host.startsWith("here") ? Place.HERE : Place.ELSEWHERE;
  }

  private static Member find(String members, String host, int port) {
    Settings settings =
        Settings.of(
            Map.of(
                "cluster.members",
                members,
                "cluster.host",
                host,
                "cluster.port",
                port,
                "cluster.open",
                true));
    return LocalMember.of(settings.cluster(), LocalMemberTest::place);
  }

  private static Member edge(Map<String, Object> settings) {
    return LocalMember.ofEdge(Settings.of(settings).cluster());
  }

  @Test
  void anEdgeHasAnAddressOfItsOwn() {
    assertEquals("127.0.0.1:7700", edge(Map.of("cluster.members", "127.0.0.1:1")).id());
    assertEquals(
        "127.0.0.1:2", edge(Map.of("cluster.members", "127.0.0.1:1", "cluster.port", 2)).id());
    assertEquals(
        "node:7700",
        edge(Map.of("cluster.members", "10.0.0.1", "cluster.host", "node", "cluster.open", true))
            .id());
  }

  @Test
  void anEdgeIsRefusedWhoseAddressIsAVotersOrCanNotBeReachedOrIsOpen() {
    assertRefused("cluster.members", Map.of());
    assertRefused("cluster.members", Map.of("cluster.members", "127.0.0.1"));
    assertRefused(
        "cluster.host", Map.of("cluster.members", "10.0.0.1", "cluster.host", "127.0.0.1"));
    assertRefused(
        "cluster.host", Map.of("cluster.members", "no.such.host.invalid", "cluster.open", true));
    assertRefused("cluster.open", Map.of("cluster.members", "10.0.0.1", "cluster.host", "node"));
  }

  private static void assertRefused(String key, Map<String, Object> settings) {
    var refusal = assertThrows(InvalidSetting.class, () -> edge(settings));
    assertTrue(refusal.getMessage().startsWith(key), refusal::getMessage);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a, here, b | auto | 0 | here:7700",
        "a, here:7701, b | auto | 0 | here:7701",
        "a, here, b | auto | 7700 | here:7700",
        "a, here:1, here:2 | auto | 2 | here:2",
        "a, here1, here2 | here2 | 0 | here2:7700",
        "a, HERE, b | here | 0 | HERE:7700",
        "a:1, a:2 | a | 2 | a:2",
        "127.0.0.1:1, 127.0.0.1:2, 127.0.0.1:3 | auto | 2 | 127.0.0.1:2",
        "loop | auto | 0 | loop:7700",
        "[fd00::1]:7, b | fd00::1 | 0 | [fd00::1]:7",
        "elsewhere, b | elsewhere | 0 | elsewhere:7700",
      })
  void theMemberIsFoundByTheAddressesOfTheMachineHostAndPort(
      String members, String host, int port, String found) {
    assertEquals(found, find(members, host, port).id());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | auto | 0 | cluster.members=[]: must list all members of the cluster, this one included, such as [node1, node2, node3]",
        "a, b | auto | 0 | cluster.members=a:7700, b:7700: none is this node, since no host is an address of this machine; cluster.host and cluster.port must say which of them it is",
        "here, b | auto | 7701 | cluster.members=here:7700, b:7700: none is this node, since no host is an address of this machine with cluster.port=7701; cluster.host and cluster.port must say which of them it is",
        "here, b | c | 0 | cluster.members=here:7700, b:7700: none is this node by cluster.host=c; cluster.host and cluster.port must say which of them it is",
        "here:1, here:2, b | auto | 0 | cluster.members=here:1, here:2, b:7700: here:1, here:2 can all be this node; cluster.port must say which of them it is",
        "here1, here2, b | auto | 0 | cluster.members=here1:7700, here2:7700, b:7700: here1:7700, here2:7700 can all be this node; cluster.host must say which of them it is",
        "loop, b, c | auto | 0 | cluster.members=loop:7700, b:7700, c:7700: loop is a loopback address here, on which the others can't reach this node",
      })
  void noneOrSeveralMembersAreReportedWithWhatToSet(
      String members, String host, int port, String message) {
    var e = assertThrows(InvalidSetting.class, () -> find(members, host, port));
    assertEquals(message, e.getMessage());
  }

  private static Member find(Map<String, Object> settings) {
    return LocalMember.of(Settings.of(settings).cluster(), LocalMemberTest::place);
  }

  @Test
  void aNodeThatOthersCanReachNeedsTlsOrThePromiseThatOnlyNodesDo() {
    var e = assertThrows(InvalidSetting.class, () -> find(Map.of("cluster.members", "here, b, c")));
    assertEquals(
        "cluster.open=false: whoever reaches here:7700 could change the log: set cluster.tls.cert,"
            + " .key and .ca, or cluster.open=true if only nodes can reach it",
        e.getMessage());
    Map<String, Object> withTls =
        Map.of(
            "cluster.members",
            "here, b, c",
            "cluster.tls.cert",
            "node.pem",
            "cluster.tls.key",
            "node.key",
            "cluster.tls.ca",
            "ca.pem");
    assertEquals("here:7700", find(withTls).id());
  }

  @ParameterizedTest
  @ValueSource(strings = {"cert", "key", "ca"})
  void theFilesOfTlsBetweenNodesAreNeededTogether(String missing) {
    Map<String, Object> files = new HashMap<>();
    for (String name : List.of("cert", "key", "ca")) {
      files.put("cluster.tls." + name, name + ".pem");
    }
    files.remove("cluster.tls." + missing);
    var e = assertThrows(InvalidSetting.class, () -> Settings.of(files));
    assertEquals(
        "cluster.tls."
            + missing
            + "=none: must be set too: TLS between nodes needs cert, key and ca",
        e.getMessage());
  }

  @Test
  void theAddressesOfThisMachineAreFoundAndNamesThatCannotBeResolvedAreNot() {
    Settings settings = Settings.of(Map.of("cluster.members", "nowhere.invalid, 203.0.113.1"));
    var e = assertThrows(InvalidSetting.class, () -> LocalMember.of(settings.cluster()));
    assertEquals(
        "cluster.members=nowhere.invalid:7700, 203.0.113.1:7700: none is this node, since no host is an address of this machine; cluster.host and cluster.port must say which of them it is",
        e.getMessage());
    Settings local = Settings.of(Map.of("cluster.members", "localhost:7"));
    assertEquals(new Member("localhost", 7), LocalMember.of(local.cluster()));
  }
}
