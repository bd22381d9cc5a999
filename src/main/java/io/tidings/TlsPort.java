package io.tidings;

import io.tidings.http.HubVerticle;
import io.tidings.http.RedirectVerticle;
import io.tidings.metrics.Metrics;
import io.tidings.settings.InvalidSetting;
import io.tidings.settings.Settings;
import io.tidings.settings.TlsSettings;
import io.tidings.tls.CertificateWatch;
import io.tidings.tls.Certificates;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalInt;

/** TLS on a hub's HTTP port: its certificates, and the plain port beside it. Any thread. */
final class TlsPort {
  private final Vertx vertx;
  private final Settings settings;
  private volatile Optional<Certificates> certificates = Optional.empty();
  private volatile CertificateWatch watch;
  private volatile RedirectVerticle redirect;

  TlsPort(Vertx vertx, Settings settings) {
    this.vertx = vertx;
    this.settings = settings;
  }

  /**
   * Checks that the hub can start with the configured files. Blocks.
   *
   * @throws InvalidSetting if a file can't be used
   */
  static void check(Settings settings) {
    if (settings.http().tls().enabled() && settings.role().hub()) {
      Certificates.read(settings.http().tls().files(), InstantSource.system().instant());
    }
  }

  /** Reads the files; fails with {@link InvalidSetting} if one can't be used. */
  Future<Void> open() {
    TlsSettings tls = settings.http().tls();
    if (!tls.enabled()) {
      return Future.succeededFuture();
    }
    return vertx
        .executeBlocking(() -> Certificates.read(tls.files(), InstantSource.system().instant()))
        .onSuccess(read -> certificates = Optional.of(read))
        .mapEmpty();
  }

  /** The certificates to start the servers with; empty without TLS. */
  Optional<Certificates> certificates() {
    return certificates;
  }

  /**
   * Follows the files from now on, and begins to redirect, if configured.
   *
   * @param server any of the servers that share the port
   */
  Future<Void> follow(HubVerticle server, Deployments deployments, Metrics metrics) {
    certificates.ifPresent(
        used -> {
          watch =
              new CertificateWatch(
                  settings.http().tls().files(), InstantSource.system(), used, server::use);
          watch.start(vertx);
          metrics.certificate(() -> watch.expires().getEpochSecond());
        });
    if (settings.http().tls().redirect().isEmpty()) {
      return Future.succeededFuture();
    }
    redirect = new RedirectVerticle(settings, server.port());
    return deployments.deployRedirect(redirect);
  }

  /** The plain port that redirects, if there is one. */
  OptionalInt redirectPort() {
    return redirect == null ? OptionalInt.empty() : OptionalInt.of(redirect.port());
  }

  /** One line about the certificates. */
  Optional<String> report() {
    return certificates.map(Certificates::report);
  }

  /** Follows the files no more. */
  void stop() {
    if (watch != null) {
      watch.stop(vertx);
    }
  }
}
