package io.tidings;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidings.settings.InvalidSetting;
import io.tidings.settings.Settings;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterTlsTest {
  @TempDir Path directory;

  private static Settings settings(
      TestAuthority authority, TestAuthority.Issued issued, String members) {
    return Settings.of(
        Map.of(
            "cluster.kind",
            "raft",
            "cluster.members",
            members,
            "cluster.tls.cert",
            issued.cert().toString(),
            "cluster.tls.key",
            issued.key().toString(),
            "cluster.tls.ca",
            authority.file().toString()));
  }

  @Test
  void aCertificateThatIsNotForTheNodesOwnHostIsRefusedWithHostAndFile() throws Exception {
    TestAuthority authority = TestAuthority.create(directory, "authority");
    TestAuthority.Issued issued = authority.issue("one", "ip:127.0.0.1");
    assertDoesNotThrow(() -> LogFactory.check(settings(authority, issued, "127.0.0.1")));
    var e =
        assertThrows(
            InvalidSetting.class,
            () -> LogFactory.check(settings(authority, issued, "127.0.0.2:7702")));
    assertEquals(
        "cluster.tls.cert="
            + issued.cert()
            + ": must be for 127.0.0.2, by which cluster.members names this node (subjectAltName);"
            + " it is for CN=one",
        e.getMessage());
  }
}
