package io.tidings;

import io.tidings.log.raft.RatisTls;
import io.tidings.metrics.Metrics;
import io.tidings.settings.InvalidSetting;
import io.tidings.settings.Member;
import io.tidings.settings.Settings;
import io.tidings.settings.TlsFiles;
import io.tidings.tls.CertificateWatch;
import io.tidings.tls.Certificates;
import io.tidings.tls.NodeCertificates;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.Optional;

/** TLS between the nodes of a cluster: this node's certificates, followed while it runs. */
final class ClusterTls {
  private final Vertx vertx;
  private final NodeCertificates certificates;
  private final CertificateWatch watch;

  private ClusterTls(Vertx vertx, TlsFiles files, String host, Certificates first) {
    this.vertx = vertx;
    this.certificates = new NodeCertificates(first, InstantSource.system());
    this.watch =
        new CertificateWatch(
            files,
            InstantSource.system(),
            first,
            others -> {
              others.checkHost(files, host);
              certificates.use(others);
              return Future.succeededFuture();
            });
  }

  /**
   * Checks that the node can start with the configured files. Blocks.
   *
   * @param self this node
   * @throws InvalidSetting if a file can't be used
   */
  static void check(Settings settings, Member self) {
    settings.cluster().tls().files().ifPresent(files -> checkFiles(files, self.host()));
  }

  /**
   * Checks that nobody believes that there is TLS where there is no cluster.
   *
   * @throws InvalidSetting if there are files
   */
  static void checkNone(Settings settings) {
    settings
        .cluster()
        .tls()
        .files()
        .ifPresent(
            files -> {
              throw InvalidSetting.of(
                  files.certSetting(),
                  files.pairs().get(0).cert(),
                  "is for the nodes of a cluster, and there is none; see --cluster, or http.tls.cert");
            });
  }

  private static void checkFiles(TlsFiles files, String host) {
    read(files).checkHost(files, host);
    RatisTls.obstacle()
        .ifPresent(
            reason -> {
              throw InvalidSetting.of(files.certSetting(), files.pairs().get(0).cert(), reason);
            });
  }

  private static Certificates read(TlsFiles files) {
    return Certificates.read(files, InstantSource.system().instant());
  }

  /** Reads the files, if there are any, and follows them; fails with {@link InvalidSetting}. */
  static Future<Optional<ClusterTls>> open(
      Vertx vertx, Settings settings, Member self, Metrics metrics) {
    Optional<TlsFiles> configured = settings.cluster().tls().files();
    if (configured.isEmpty()) {
      return Future.succeededFuture(Optional.empty());
    }
    TlsFiles files = configured.get();
    return vertx
        .executeBlocking(() -> read(files))
        .map(
            first -> {
              var tls = new ClusterTls(vertx, files, self.host(), first);
              tls.watch.start(vertx);
              metrics.clusterCertificate(() -> tls.watch.expires().getEpochSecond());
              return Optional.of(tls);
            });
  }

  /** What the node shows to others, and accepts of them. */
  NodeCertificates certificates() {
    return certificates;
  }

  /** Follows the files no more. */
  void stop() {
    watch.stop(vertx);
  }
}
