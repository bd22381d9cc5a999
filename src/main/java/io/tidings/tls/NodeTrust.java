package io.tidings.tls;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Date;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Which certificates of other nodes are accepted: those that the authorities in use have signed,
 * for the host that was connected to. A refusal is logged, at most once a minute for each subject,
 * because the transport tells no reason. Thread-safe.
 */
final class NodeTrust extends X509ExtendedTrustManager {
  private static final System.Logger LOG = System.getLogger(NodeTrust.class.getName());

  private final InstantSource clock;
  private final RefusalLimiter refusals = new RefusalLimiter();
  private volatile X509ExtendedTrustManager current;

  NodeTrust(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * Reads the authorities of these.
   *
   * @return takes them into use
   * @throws IllegalStateException if they can't be used
   */
  Runnable prepare(Certificates certificates) {
    X509ExtendedTrustManager next = manager(certificates);
    return () -> current = next;
  }

  private static X509ExtendedTrustManager manager(Certificates certificates) {
    try {
      KeyStore authorities = KeyStore.getInstance("PKCS12");
      authorities.load(null, null);
      for (X509Certificate authority : certificates.authorities()) {
        authorities.setCertificateEntry("authority-" + authorities.size(), authority);
      }
      var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(authorities);
      for (TrustManager manager : factory.getTrustManagers()) {
        if (manager instanceof X509ExtendedTrustManager trust) {
          return trust;
        }
      }
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("the authorities' certificates can't be used", e);
    }
    throw new IllegalStateException("this JDK has no trust manager for X.509");
  }

  private interface Check {
    void run(X509ExtendedTrustManager trust) throws CertificateException;
  }

  private void check(X509Certificate[] chain, Check check) throws CertificateException {
    try {
      check.run(current);
    } catch (CertificateException e) {
      String subject = chain[0].getSubjectX500Principal().getName();
      long count = refusals.count(subject, System.nanoTime());
      if (count > 0) {
        LOG.log(
            System.Logger.Level.WARNING,
            "the certificate of a node was refused ({0} since the last report): {1} {2}",
            count,
            subject,
            reason(chain, e));
      }
      throw e;
    }
  }

  private String reason(X509Certificate[] chain, CertificateException e) {
    Date now = Date.from(clock.instant());
    for (X509Certificate certificate : chain) {
      if (now.after(certificate.getNotAfter())) {
        return "has expired on " + certificate.getNotAfter().toInstant();
      }
    }
    return "can't be verified: " + e.getMessage();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    check(chain, trust -> trust.checkClientTrusted(chain, type, engine));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    check(chain, trust -> trust.checkServerTrusted(chain, type, engine));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    check(chain, trust -> trust.checkClientTrusted(chain, type, socket));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    check(chain, trust -> trust.checkServerTrusted(chain, type, socket));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    check(chain, trust -> trust.checkClientTrusted(chain, type));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    check(chain, trust -> trust.checkServerTrusted(chain, type));
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return current.getAcceptedIssuers();
  }
}
