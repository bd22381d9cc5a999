package io.tidings.cli;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** The authorities in a file, which sign the certificates of hubs that a command asks. */
final class TrustedAuthority {
  private TrustedAuthority() {}

  /**
   * TLS that accepts what these authorities have signed, and nothing else.
   *
   * @param pem a file with certificates
   * @throws IllegalArgumentException with a message of one line, if it has none
   * @throws IOException if it can't be read
   */
  static SSLContext context(Path pem) throws IOException {
    if (!Files.isRegularFile(pem)) {
      throw new IllegalArgumentException("--ca " + pem + ": must be an existing file");
    }
    try (InputStream in = new BufferedInputStream(Files.newInputStream(pem))) {
      KeyStore authorities = KeyStore.getInstance("PKCS12");
      authorities.load(null, null);
      for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        authorities.setCertificateEntry("authority-" + authorities.size(), one);
      }
      if (authorities.size() == 0) {
        throw new CertificateException("none");
      }
      var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(authorities);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException(
          "--ca " + pem + ": must be a PEM file with the certificates of authorities", e);
    }
  }
}
