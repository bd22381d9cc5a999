package io.tidings.http;

import io.tidings.settings.TlsSettings;
import io.tidings.tls.Certificates;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.ServerSSLOptions;
import java.util.List;
import java.util.Set;

/** The options of TLS on the HTTP port. */
final class TlsOptions {
  /** In the order of preference: the faster ones first, all of them with forward secrecy. */
  private static final List<String> CIPHER_SUITES =
      List.of(
          "TLS_AES_128_GCM_SHA256",
          "TLS_AES_256_GCM_SHA384",
          "TLS_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  private TlsOptions() {}

  /** Makes a server speak TLS, and HTTP/2 with clients that ask for it by ALPN. */
  static void apply(HttpServerOptions options, TlsSettings tls, Certificates certificates) {
    options
        .setSsl(true)
        .setUseAlpn(true)
        .setAlpnVersions(List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1, HttpVersion.HTTP_1_0))
        .setSni(tls.files().pairs().size() > 1)
        .setEnabledSecureTransportProtocols(Set.of("TLSv1.2", "TLSv1.3"))
        .setKeyCertOptions(certificates.keys());
    CIPHER_SUITES.forEach(options::addEnabledCipherSuite);
    certificates
        .clientAuthorities()
        .ifPresent(
            authorities ->
                options.setTrustOptions(authorities).setClientAuth(clientAuth(tls.clients())));
  }

  /** The same options, for a server that runs. */
  static ServerSSLOptions of(TlsSettings tls, Certificates certificates) {
    var options = new HttpServerOptions();
    apply(options, tls, certificates);
    return options.getSslOptions();
  }

  private static ClientAuth clientAuth(TlsSettings.Clients clients) {
    return switch (clients) {
      case REQUIRED -> ClientAuth.REQUIRED;
      case REQUEST -> ClientAuth.REQUEST;
    };
  }
}
