package io.tidings.log.raft;

import io.tidings.tls.NodeCertificates;
import java.util.Optional;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.grpc.GrpcTlsConfig;

/** Mutual TLS between the nodes, for all that is sent over their Raft ports. */
final class RatisTls {
  private RatisTls() {}

  /** Parameters of a server or a client that speaks TLS, if there are certificates for it. */
  static Parameters parameters(Optional<NodeCertificates> certificates) {
    var parameters = new Parameters();
    certificates.ifPresent(
        node ->
            GrpcConfigKeys.TLS.setConf(
                parameters, new GrpcTlsConfig(node.key(), node.trust(), true)));
    return parameters;
  }
}
