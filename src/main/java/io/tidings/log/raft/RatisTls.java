package io.tidings.log.raft;

import io.tidings.tls.NodeCertificates;
import java.util.List;
import java.util.Optional;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.grpc.GrpcTlsConfig;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.OpenSsl;

/** Mutual TLS between the nodes, for all that is sent over their Raft ports. */
public final class RatisTls {
  /**
   * Sessions are not resumed: a resumed one checks no certificate, so that one which has expired,
   * or whose authority was removed, would still be let in. Ratis' copy of Netty reads these
   * properties once, when its first class for OpenSSL is loaded.
   */
  private static final List<String> SESSION_CACHES =
      List.of("sessionCacheServer", "sessionCacheClient");

  private static final String CACHE = "org.apache.ratis.thirdparty.io.netty.handler.ssl.openssl.%s";

  private RatisTls() {}

  /**
   * Why there can't be TLS between nodes on this machine: Ratis needs the native library that it
   * brings along. Empty if there can.
   */
  public static Optional<String> obstacle() {
    disableSessions();
    return OpenSsl.isAvailable()
        ? Optional.empty()
        : Optional.of(
            "can't be used on this machine, since OpenSSL's native library does not load: "
                + OpenSsl.unavailabilityCause().getMessage());
  }

  private static void disableSessions() {
    SESSION_CACHES.forEach(cache -> System.setProperty(CACHE.formatted(cache), "false"));
  }

  /** Parameters of a server or a client that speaks TLS, if there are certificates for it. */
  static Parameters parameters(Optional<NodeCertificates> certificates) {
    var parameters = new Parameters();
    certificates.ifPresent(
        node -> {
          disableSessions();
          GrpcConfigKeys.TLS.setConf(parameters, new GrpcTlsConfig(node.key(), node.trust(), true));
        });
    return parameters;
  }
}
